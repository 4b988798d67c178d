// Takes the code that a QR code brought behind the # of the address into its field, and out of the address again.
// What stands behind # is never sent to a server; out of the address, it is not kept in the browser's history either.
"use strict";

const field = document.querySelector("#receipt-form [name=code]");
const brought = location.hash.slice(1);
if (/^[0-9A-Za-z-]{16,40}$/.test(brought)) {
  field.value = brought;
  history.replaceState(null, "", location.pathname);
  document.querySelector("#receipt-form button[type=submit]").focus();
}
