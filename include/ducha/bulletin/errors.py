"""What can go wrong with a bulletin, in words a supervision office understands."""

from __future__ import annotations

from pathlib import Path


class BulletinError(RuntimeError):
    """An issue cannot be drafted, signed or published as asked."""


class ReleaseNotFitError(BulletinError):
    """The release is not one a bulletin may rest on: unknown, failed, a what-if, or older than the standing issue's."""

    def __init__(self, release_id: str, status: str) -> None:
        super().__init__(
            f"版本 {release_id} 不能用于通报：{status} · release {release_id} cannot carry a bulletin: {status}"
        )


class UnknownBulletinError(BulletinError):
    """There is no such issue."""

    def __init__(self, county_code: str, bulletin_id: str) -> None:
        super().__init__(
            f"没有通报 {bulletin_id}（县 {county_code}）· county {county_code} has no bulletin {bulletin_id}"
        )


class PublishedDiffersError(BulletinError):
    """A published issue stands on disk with another content: it is never overwritten."""

    def __init__(self, directory: Path, problems: list[str]) -> None:
        self.directory = directory
        self.problems = problems
        super().__init__(
            f"已印发的通报不得覆盖：{directory} 与签发稿不一致（{problems[0]}）· a published bulletin is never "
            f"overwritten: {directory} differs from what was signed ({problems[0]})"
        )


class AlreadyPublishedError(BulletinError):
    """The issue is out: it can only be corrected by a new one."""

    def __init__(self, bulletin_id: str) -> None:
        super().__init__(
            f"通报 {bulletin_id} 已印发，只能以更正另发一期 · bulletin {bulletin_id} is published; only a new issue "
            "corrects it"
        )


class SignedAnotherReleaseError(BulletinError):
    """The figures changed between the draft that was shown and the signature: it must be looked at again."""

    def __init__(self, bulletin_id: str, shown: str, standing: str) -> None:
        super().__init__(
            f"通报 {bulletin_id} 送签时依据 {shown}，现已改为 {standing}，请重新送签 · "
            f"bulletin {bulletin_id} was shown on {shown} and now rests on {standing}: have it signed again"
        )
