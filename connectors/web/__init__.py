"""HTTP under guard, which every web connector speaks through: hops checked, bodies bounded, waits limited."""

from connectors.web.policy import WEB_KEYS, Policy, policy_of
from connectors.web.session import GuardedSession

__all__ = ["WEB_KEYS", "GuardedSession", "Policy", "policy_of"]
