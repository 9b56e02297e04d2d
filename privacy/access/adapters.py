from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class EmployeeAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False


class EmployeeSocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        return False


class EmployeeMFAAdapter(DefaultMFAAdapter):
    pass
