"""`import_roster FILE.csv`: the HR export, a full snapshot of who works here."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import Error
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand, database_went_away, was_in_the_way
from privacy.access import errors
from privacy.access.actions import RosterPlan, apply_roster, one_roster_at_a_time, plan_roster
from privacy.access.forms.roster import UnusableFile, parse_roster
from privacy.ledger.actions import rehearsal
from privacy.workforce import errors as workforce_errors
from privacy.workforce.models import Employee

TRIES = 4  # of a roster that meets somebody else's act


class Command(HouseCommand):
    help = "Import the HR export: joiners, movers, leavers. People who are not in the file have left."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        self.add_dry_run(parser)
        parser.add_argument("--allow-mass-change", action="store_true", help="let this one feed end many people; needs --by")
        parser.add_argument("--by", metavar="LOGIN", help="who lets the mass change through")
        parser.add_argument(
            "--create-missing", action="store_true", help="make functions and departments that are not here by code or name"
        )

    def run(
        self, *, file: Path, dry_run: bool, allow_mass_change: bool, by: str | None, create_missing: bool, **options: Any
    ) -> None:
        known_at = timezone.now()
        if allow_mass_change and not by:
            raise BadInput("--allow-mass-change needs --by LOGIN: a named person lets the feed through.")
        person = Employee.objects.called(by).first() if by else None
        if by and person is None:
            raise BadInput(f"--by: nobody has the login {by}.")
        try:
            rows, refused = parse_roster(file)
        except UnusableFile as error:
            raise BadInput(str(error)) from error
        if not rows:
            first = refused[0]
            raise BadInput(f"{file}:{first.line}: {first.field}: {first.problem}. No row of the file can be used.")
        let_through = person if allow_mass_change else None
        for tries_left in reversed(range(TRIES)):
            try:
                with rehearsal(dry_run), one_roster_at_a_time():
                    plan = plan_roster(rows, refused, now=known_at, create_missing=create_missing)
                    ended = apply_roster(plan, by=let_through, now=timezone.now(), known_at=known_at)
                break
            except (errors.Refused, workforce_errors.Refused) as error:
                raise BadInput(f"{file}: {error}") from error
            except Error as error:
                if database_went_away(error):
                    raise
                if not (tries_left and was_in_the_way(error)):
                    said = str(error).splitlines()[0]
                    raise BadInput(f"{file}: the database refused it, nothing was applied: {said}") from error
        result = _as_data(plan, file=file, dry_run=dry_run, ended=len(ended))
        self.finish(result, _as_lines(plan, file=file, dry_run=dry_run, ended=len(ended)), found=bool(plan.refused))


def _as_data(plan: RosterPlan, *, file: Path, dry_run: bool, ended: int) -> dict[str, Any]:
    return {
        "file": str(file),
        "dry_run": dry_run,
        "working_here_before": plan.working_here,
        "joiners": [{"line": row.line, "login": row.login} for row in plan.joiners],
        "returners": [{"line": row.line, "login": employee.login} for employee, row in plan.returners],
        "movers": [
            {
                "line": row.line,
                "login": employee.login,
                "from": employee.job_function.code if employee.job_function else None,
                "to": row.job_function,
            }
            for employee, row in plan.movers
        ],
        "changes": [
            {"line": row.line, "login": employee.login, "fields": {name: list(pair) for name, pair in changed.items()}}
            for employee, row, changed in plan.changes
        ],
        "scheduled": [{"login": employee.login, "last_day": day} for employee, day in plan.scheduled],
        "leavers": [{"login": employee.login, "why": why.reason} for employee, why in plan.leavers],
        "not_from_hr": [employee.login for employee in plan.unlisted],
        "managers_who_left": [
            {"line": row.line, "login": row.login, "manager": row.manager_login} for row in plan.managers_who_left
        ],
        "losing_access": plan.losing_logins,
        "absences_ignored": plan.absences_ignored,
        "refused": [{"line": r.line, "login": r.login, "field": r.field, "problem": r.problem} for r in plan.refused],
        "grants_ended": ended,
    }


def _as_lines(plan: RosterPlan, *, file: Path, dry_run: bool, ended: int) -> list[str]:
    lines = ["Nothing is changed: this is a dry run." if dry_run else f"{file} was applied."]
    lines += [f"  joins      {row.login} ({row.job_function}, from {row.start_on})" for row in plan.joiners]
    lines += [f"  returns    {employee.login}: without any of the old access" for employee, _ in plan.returners]
    lines += [
        f"  moves      {employee.login}: {employee.job_function or 'no function'} → {row.job_function}"
        for employee, row in plan.movers
    ]
    lines += [f"  changes    {employee.login}: {', '.join(changed)}" for employee, _, changed in plan.changes]
    lines += [f"  last day   {employee.login}: {day or 'taken back'}" for employee, day in plan.scheduled]
    lines += [f"  leaves     {employee.login}: {why.reason}" for employee, why in plan.leavers]
    lines += [f"  stays      {employee.login}: made at the terminal, never listed by HR" for employee in plan.unlisted]
    lines += [
        f"  WARNING    {file}:{row.line}: {row.login}: {row.manager_login} has left and manages nobody: no manager is set"
        for row in plan.managers_who_left
    ]
    lines += [f"  REFUSED    {file}:{row.line}: {row.login or '(no login)'}: {row.field}: {row.problem}" for row in plan.refused]
    lines += [
        f"  loses      {login}: access that the new function or worker type does not justify" for login in plan.losing_logins
    ]
    if plan.absences_ignored:
        lines.append("  Nobody was taken to have left for being absent: a refused row names nobody.")
    lines.append(
        f"{len(plan.joiners)} joined, {len(plan.returners)} came back, {len(plan.movers)} moved, {len(plan.leavers)} left, "
        f"{len(plan.changes)} changed, {len(plan.refused)} rows refused; {ended} grants ended."
    )
    return lines
