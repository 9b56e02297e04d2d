"""Refused sign-ins and second factors: two records by two hands, compared (statement E.5)."""

from datetime import datetime

from django.db import connection
from django.urls import reverse

KEY_DOORS = ("mfa_login_webauthn", "mfa_reauthenticate_webauthn")  # a refusal leads back to the sign-in
FACTOR_DOORS = ("mfa_authenticate", "mfa_reauthenticate", *KEY_DOORS)


def factor_doors() -> list[str]:
    """The addresses at which a second factor is tried."""
    return [reverse(name) for name in FACTOR_DOORS]


def refusals_missing(*, since: datetime) -> int:
    """Refusals that the other record knows (django-axes' log) and our list does not, counted one against one.

    A password is told by its login. A second factor is told by its address: of a key alone nobody knows whose it was. What
    follows within ten seconds is one burst, so that no pair is cut in two, and one row on the list excuses one refusal.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH both_records AS ("
            " SELECT path_info = ANY(%(doors)s) AS factor, lower(coalesce(username, '')) AS login,"
            "   coalesce(host(ip_address), '') AS address, attempt_time AS at, 1 AS known"
            "   FROM axes_accessfailurelog WHERE attempt_time >= %(since)s"
            " UNION ALL"
            " SELECT path = ANY(%(doors)s), lower(login), coalesce(host(address), ''), at, 0"
            "   FROM privacy_deniedattempt WHERE at >= %(since)s - interval '10 seconds'"
            "   AND (path = ANY(%(doors)s) OR kind IN ('sign_in', 'locked_out'))"
            "), told AS (SELECT factor, CASE WHEN factor THEN address ELSE login END AS who, at, known FROM both_records"
            "), begun AS (SELECT *, at - lag(at) OVER (PARTITION BY factor, who ORDER BY at) > interval '10 seconds' AS begins"
            "   FROM told"
            "), bursts AS (SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY factor, who ORDER BY at) AS burst"
            "   FROM begun)"
            " SELECT coalesce(sum(missing), 0)::bigint FROM"
            " (SELECT greatest(0, sum(known) - sum(1 - known)) AS missing FROM bursts GROUP BY factor, who, burst) AS each_burst",
            {"doors": factor_doors(), "since": since},
        )
        (missing,) = cursor.fetchone()
    return int(missing)
