"""Doors: what is outstanding in other systems, one change with its proofs, tasks by hand."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.pages import staff_page
from customers.doors.paging import Part, number
from customers.doors.words import ReasonForm
from privacy.access import actions, errors, queries
from privacy.access.forms.systems import EvidenceForm
from privacy.access.models import SystemChange, SystemKind
from privacy.access.policies.systems import EVIDENCE_BYTES_AT_MOST, may_do_task, may_verify_task
from privacy.access.views.parts import ADMINISTERS, REFUSALS, REVOKES, do

SHOWN = 300
FORM_AROUND_BYTES = 64 * 1024
OVERSEE_CHANGES = (ADMINISTERS, REVOKES, "privacy.view_ledger")  # others see those that they own or have a task of


@staff_page(ADMINISTERS, REVOKES)
@require_safe
def removals(request: HttpRequest) -> HttpResponse:
    """Everything that is not proven yet, late removals first."""
    now = timezone.now()
    kind = request.GET.get("kind", "removals")
    kind = kind if kind in ("removals", "all") else "removals"
    system = number(request.GET.get("system"))
    outstanding = queries.outstanding_changes(now=now, system=system, removals_only=kind == "removals")
    late = Q(wanted="removed", due_at__lt=now)
    context = {
        "title": "Removals outstanding",
        "now": now,
        "late": Part(outstanding.filter(late), most=SHOWN),
        "rows": Part(outstanding.exclude(late), most=SHOWN),
        "kind": kind,
        "system": system,
        "section": "access",
    }
    return render(request, "privacy/access/systems/removals.html", context)


def _change_for_page(request: HttpRequest, pk: int) -> SystemChange:
    """A change that this person has something to do with. Raises PermissionDenied, Http404."""
    user: Any = request.user
    administers = any(user.has_perm(name) for name in OVERSEE_CHANGES)
    change: SystemChange | None = queries.change_in_full(pk)
    if change is None:
        if not administers:
            raise PermissionDenied  # whether there is such a change is nobody else's business
        return get_object_or_404(SystemChange, pk=pk)
    concerned = {change.system.owner_id, change.entitlement and change.entitlement.owner_id}
    task = getattr(change, "task", None)
    if task is not None:
        concerned |= {task.assigned_to_id, task.done_by_id}
    if not administers and user.pk not in concerned:
        raise PermissionDenied
    return change


@staff_page(oversee=OVERSEE_CHANGES)
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: its five clock points, every proof, the task by hand."""
    return _change_page(request, pk, EvidenceForm())


def _change_page(request: HttpRequest, pk: int, form: EvidenceForm, *, too_large: bool = False) -> HttpResponse:
    now = timezone.now()
    user: Any = request.user
    found = _change_for_page(request, pk)
    task = getattr(found, "task", None)
    by_hand = found.system.kind == SystemKind.BY_HAND
    outstanding = found.state in ("pending", "pushed", "failed")
    done = task is not None and task.done_at is not None
    assigned_to = task.assigned_to_id if task else None
    context = {
        "title": capfirst(str(found)),
        "now": now,
        "change": found,
        "task": task,
        "by_hand": by_hand,
        "outstanding": outstanding,
        "late": outstanding and found.wanted == "removed" and found.due_at < now,
        "proofs": sorted(found.proofs.all(), key=lambda proof: (proof.at, proof.pk), reverse=True),
        "may_try": outstanding and not by_hand and user.has_perm(ADMINISTERS),
        "may_do": by_hand and outstanding and not done and may_do_task(found, user, at=now, assigned_to=assigned_to),
        "may_verify": task is not None and by_hand and outstanding and done and may_verify_task(task, user, at=now),
        "evidence_form": form,
        "reason_form": ReasonForm(),
        "section": "access",
    }
    status = 413 if too_large else 400 if form.errors else 200
    return render(request, "privacy/access/systems/change.html", context, status=status)


@staff_page(ADMINISTERS)
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(SystemChange, pk=pk)
    user: Any = request.user
    to = "access:removals" if request.POST.get("back") == "removals" else "access:change"
    kwargs = {} if to == "access:removals" else {"pk": pk}
    return do(
        request,
        lambda: actions.try_again(pk, by=user, now=timezone.now()),
        said="Tried again now. Look at this page in a moment.",
        to=to,
        **kwargs,
    )


# --- tasks by hand ---------------------------------------------------------------------------------------------------


@staff_page()
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """What is done by hand: mine, or everybody's for those who administer access."""
    now = timezone.now()
    user: Any = request.user
    administers = user.has_perm(ADMINISTERS)
    whose = request.GET.get("whose", "all" if administers else "mine")
    whose = whose if administers and whose in ("mine", "all", "done") else "mine"
    found = queries.tasks(now=now, employee=user if whose == "mine" else None)
    context = {
        "title": "Tasks by hand",
        "now": now,
        "to_do": Part(found.filter(task__done_at=None), most=SHOWN) if whose != "done" else [],
        "to_verify": Part(found.exclude(task__done_at=None), most=SHOWN) if whose != "done" else [],
        "settled": Part(queries.settled_tasks(now=now), most=SHOWN) if whose == "done" else [],
        "whose": whose,
        "administers": administers,
        "section": "access",
    }
    return render(request, "privacy/access/systems/tasks.html", context)


class _StaysInMemory(MemoryFileUploadHandler):
    """The application writes no evidence to the disk in the clear: it goes from memory into its encrypted column.

    The web server keeps a request of more than 64 KB in a file without a name while it comes in, and until it is answered.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:
        self.activated = content_length <= EVIDENCE_BYTES_AT_MOST + FORM_AROUND_BYTES


def _small_enough(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse a body that is too large before a byte of it is read, and keep the rest in memory."""

    @wraps(view)
    def wrapped(request: HttpRequest, pk: int) -> HttpResponseBase:
        told = number(request.META.get("CONTENT_LENGTH") or "0")
        if request.method == "POST" and (told is None or told > EVIDENCE_BYTES_AT_MOST + FORM_AROUND_BYTES):
            messages.error(request, str(errors.EvidenceTooLarge()))
            return _change_page(request, pk, EvidenceForm(), too_large=True)
        request.upload_handlers = [_StaysInMemory(request)]
        return view(request, pk)

    return wrapped


@staff_page()
@csrf_exempt  # the check comes inside, after the size was looked at: reading the token reads the whole body
@_small_enough
@csrf_protect
@require_POST
def do_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Done by hand, with the file that shows it."""
    _change_for_page(request, pk)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _change_page(request, pk, form, too_large=form.has_error("evidence", "too_large"))
    user: Any = request.user
    try:
        actions.do_task(
            pk, evidence=form.cleaned_data["evidence"].read(), note=form.cleaned_data["note"], by=user, now=timezone.now()
        )
    except (errors.EvidenceNeeded, errors.EvidenceTooLarge, errors.HarmfulEvidence, errors.UnknownEvidence) as refusal:
        form.add_error("evidence", str(refusal))
        return _change_page(request, pk, form)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Done, with evidence. It waits for a second person to verify it.")
    return redirect("access:change", pk=pk)


@staff_page()
@require_POST
def verify_task(request: HttpRequest, pk: int) -> HttpResponse:
    _change_for_page(request, pk)
    user: Any = request.user
    return do(
        request,
        lambda: actions.verify_task(pk, by=user, now=timezone.now(), seen=request.POST.get("seen", "")),
        said="Verified. The change is proven.",
        to="access:change",
        pk=pk,
    )


@staff_page()
@require_POST
def send_back_task(request: HttpRequest, pk: int) -> HttpResponse:
    _change_for_page(request, pk)
    form = ReasonForm(request.POST)
    user: Any = request.user
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return do(
        request,
        lambda: actions.send_back_task(pk, reason=reason, by=user, now=timezone.now(), seen=request.POST.get("seen", "")),
        said="Sent back. It is to be done again.",
        to="access:change",
        pk=pk,
    )


@staff_page()
@require_POST
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, as a download: written down before it leaves, never shown inside a page."""
    _change_for_page(request, pk)
    user: Any = request.user
    try:
        task = actions.take_evidence(pk, by=user, now=timezone.now(), address=client_address(request) or None)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("access:change", pk=pk)
    answer = HttpResponse(bytes(task.evidence or b""), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{task.evidence_name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
