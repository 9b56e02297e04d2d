"""People who work here, ready for work: employed, briefed, under an NDA, with a second factor and a password."""

from datetime import date

import factory
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from privacy.models import Department, Employee, JobFunction, WorkerType

PASSWORD = "seven lamps 7 shades"
# RFC 6238's own test secret, in Base32: tests that type a code compute it from this.
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
_HASHED: list[str] = []
_THERE: dict[tuple[type, str], object] = {}


def hashed_password() -> str:
    """PASSWORD, hashed once for the whole run."""
    if not _HASHED:
        _HASHED.append(make_password(PASSWORD))
    return _HASHED[0]


class _OnceATest(DjangoModelFactory):
    """Rows that nearly everybody in a test belongs to: looked up once in each test, not once for each person."""

    class Meta:
        abstract = True

    @classmethod
    def _get_or_create(cls, model_class, *args, **kwargs):
        key = (model_class, kwargs["code"])
        if key not in _THERE:
            _THERE[key] = super()._get_or_create(model_class, *args, **kwargs)
        return _THERE[key]


def forget() -> None:
    """Another test begins: what the last one made is gone."""
    _THERE.clear()


class DepartmentFactory(_OnceATest):
    class Meta:
        model = Department
        django_get_or_create = ("code",)

    code = "service"
    name = factory.LazyAttribute(lambda department: department.code.title())


class JobFunctionFactory(_OnceATest):
    class Meta:
        model = JobFunction
        django_get_or_create = ("code",)

    code = "service-agent"
    name = factory.LazyAttribute(lambda function: function.code.title())


class SecondFactorFactory(DjangoModelFactory):
    class Meta:
        model = Authenticator

    type = Authenticator.Type.TOTP

    @factory.lazy_attribute
    def data(self):
        from allauth.mfa.adapter import get_adapter

        return {"secret": get_adapter().encrypt(TOTP_SECRET)}


class EmployeeFactory(DjangoModelFactory):
    """Leave something out by name: `EmployeeFactory(nda=None, briefing=None, second_factor=None)`; `nda__ends_on=yesterday`."""

    class Meta:
        model = Employee
        skip_postgeneration_save = True

    login = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"Person {n} Example")
    email = factory.LazyAttribute(lambda employee: f"{employee.login}@lumens.example")
    worker_type = WorkerType.EMPLOYEE
    job_function = factory.SubFactory(JobFunctionFactory)
    department = factory.SubFactory(DepartmentFactory)
    starts_on = date(2020, 1, 6)
    password = factory.LazyFunction(hashed_password)
    password_rule = 12

    nda = factory.RelatedFactory("tests.factories.agreements.NdaFactory", factory_related_name="employee")
    briefing = factory.RelatedFactory("tests.factories.programme.BriefingFactory", factory_related_name="employee")
    second_factor = factory.RelatedFactory(SecondFactorFactory, factory_related_name="user")


class ContractorFactory(EmployeeFactory):
    worker_type = WorkerType.CONTRACTOR
