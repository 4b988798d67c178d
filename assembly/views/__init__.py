"""Pages: load what is asked for (and so check who may), read the form, call a service, commit, answer."""

from __future__ import annotations

from flask import Flask

from assembly.views import (
    accounts,
    allowances,
    allowances_of_people,
    announcements,
    answer_files,
    assemblies,
    attendance,
    barriers,
    calls,
    case_contacts,  # noqa: F401  # its routes are those of cases
    case_papers,  # noqa: F401  # its routes are those of cases and of `public`
    case_references,  # noqa: F401  # its routes are those of cases
    case_units,  # noqa: F401  # its routes are those of cases
    cases,
    cases_together,  # noqa: F401  # its routes are those of cases
    checks,
    citizens_report,
    city_cases,
    council,
    deputies,  # noqa: F401  # adds its pages to those of `desk` and `units`
    desk,
    desk_drafts,  # noqa: F401  # its routes are those of desk
    draws,
    errors,
    event_tables,
    events,
    experts,
    features,
    feedback,
    follow_up_group,
    follow_up_rules,
    guard,
    headers,
    invitation_records,
    keeping,
    knowledge,
    language,
    layout,
    lotteries,
    materials,
    member,
    member_allowances,  # noqa: F401  # adds its pages to those of `member`
    member_attendance,  # noqa: F401  # adds its pages to those of `member`
    member_calendar,  # noqa: F401  # adds its pages to those of `member`
    member_data,  # noqa: F401  # adds its pages to those of `member`
    member_experts,  # noqa: F401  # adds its pages to those of `member`
    member_feedback,  # noqa: F401  # adds its pages to those of `member`
    member_group,  # noqa: F401  # adds its pages to those of `member`
    member_knowledge,  # noqa: F401  # adds its pages to those of `member`
    member_link,  # noqa: F401  # adds its pages to those of `member`
    member_messages,  # noqa: F401  # adds its pages to those of `member`
    member_needs,  # noqa: F401  # adds its pages to those of `member`
    member_recommendations,  # noqa: F401  # adds its pages to those of `member`
    member_site_visits,  # noqa: F401  # adds its pages to those of `member`
    needs,
    needs_of_people,
    oidc,
    panel,
    panel_access,
    panel_messages,
    panel_work,
    payment_lists,
    places,
    pool,
    pool_decisions,
    posting,
    privacy,
    programme,
    public,
    public_barriers,  # noqa: F401  # the same
    public_cases,  # noqa: F401  # the same
    public_cases_data,  # noqa: F401  # the same
    public_feeds,  # noqa: F401  # the same
    public_follow_up,  # noqa: F401  # the same
    public_log,  # noqa: F401  # as the next
    public_lottery,  # noqa: F401  # adds its pages to those of `public`
    public_programme,  # noqa: F401  # the same
    public_receipt,  # noqa: F401  # the same
    public_recommendations,  # noqa: F401  # the same
    public_site_pages,  # noqa: F401  # the same
    public_subscriptions,  # noqa: F401  # the same
    public_verify,  # noqa: F401  # the same
    questions,
    receipts,
    recommendation_handover,  # noqa: F401  # adds its pages to those of `recommendations`
    recommendation_import,
    recommendation_redacting,  # noqa: F401  # adds its pages to those of `recommendations`
    recommendation_votes,  # noqa: F401  # adds its pages to those of `recommendations`
    recommendations,
    registrations,
    requests,
    result_sheets,
    roles,
    site_pages,
    site_visit_sheets,  # noqa: F401  # adds its pages to those of `site_visits`
    site_visits,
    tables,
    units,
)


def init_app(app: Flask) -> None:
    """Register every page, and what holds for all of them."""
    guard.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    keeping.init_app(app)
    layout.init_app(app)
    tables.init_app(app)
    oidc.init_app(app)
    for module in (
        accounts,
        allowances,
        allowances_of_people,
        announcements,
        answer_files,
        assemblies,
        attendance,
        barriers,
        calls,
        cases,
        checks,
        city_cases,
        citizens_report,
        council,
        desk,
        draws,
        event_tables,
        events,
        experts,
        features,
        feedback,
        follow_up_group,
        follow_up_rules,
        invitation_records,
        knowledge,
        language,
        lotteries,
        materials,
        needs,
        needs_of_people,
        member,
        oidc,
        panel,
        panel_access,
        panel_messages,
        panel_work,
        payment_lists,
        places,
        pool,
        pool_decisions,
        posting,
        privacy,
        programme,
        public,
        questions,
        receipts,
        recommendation_import,
        recommendations,
        registrations,
        requests,
        result_sheets,
        roles,
        site_pages,
        site_visits,
        units,
    ):
        app.register_blueprint(module.blueprint)
