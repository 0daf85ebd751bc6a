"""What the doctor finds, for who shows it: without the doctor itself, whose libraries take long to load."""

import platform

from qtchat.net.checks.findings import CONTEXT, Finding, Outcome, report

__all__ = ["CONTEXT", "Finding", "Outcome", "report_text"]


def report_text(findings: list[Finding]) -> str:
    """A report to pass on. It holds addresses and server codes, and nothing secret."""
    return report(findings, f"{platform.system()} {platform.release()}, Python {platform.python_version()}")
