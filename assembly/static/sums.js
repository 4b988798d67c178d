// Says while a feature is typed what its quotas and shares add up to; the server checks the same when it is saved.
"use strict";

for (const output of document.querySelectorAll("[data-sums]")) {
  const form = output.closest("form");
  const size = Number(output.dataset.size);
  const column = (name) => [...form.querySelectorAll(`input[name^="values-"][name$="-${name}"]`)];
  const number = (input) => Number(input.value.trim().replace(",", "."));
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
  const locale = document.documentElement.lang;

  const show = () => {
    const used = column("name").map((input) => input.value.trim() !== "");
    const sum = (name, missing) =>
      column(name).reduce((total, input, row) => total + (used[row] ? (input.value.trim() ? number(input) : missing) : 0), 0);
    const values = { size, lower: sum("lower", 0), upper: sum("upper", size) };
    // As the service counts: whoever gives quotas for those who do not answer leaves no seats open besides.
    const isOpen = form.elements.is_voluntary.checked && !column("name").some((input) => input.value.trim() === "not_stated");
    const what = values.lower > size ? "many" : isOpen ? "open" : values.upper < size ? "few" : "fits";
    if (isOpen) values.upper = Math.min(values.upper, size);
    const share = sum("share", 0);
    values.share = share.toLocaleString(locale, { maximumFractionDigits: 2 });
    const texts = [fill(output.dataset[what], values)];
    if (share) texts.push(fill(output.dataset.share, values));
    output.textContent = texts.join(" ");
    output.hidden = !used.includes(true);
  };
  form.addEventListener("input", show);
  show();
}
