"""Secrets are made once, complete, and readable by nobody else."""

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from stack.keys import read_or_make_keys


def test_the_keys_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    assert read_or_make_keys(tmp_path / "secrets", {}) == read_or_make_keys(tmp_path / "secrets", {})


def test_only_the_owner_reads_the_files(tmp_path: Path) -> None:
    read_or_make_keys(tmp_path / "secrets", {})

    files = list((tmp_path / "secrets").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_the_signing_key_is_ed25519_in_pem(tmp_path: Path) -> None:
    keys = read_or_make_keys(tmp_path, {})

    assert isinstance(load_pem_private_key(keys.signing_key.encode(), password=None), Ed25519PrivateKey)


def test_keys_of_the_environment_are_used_and_not_written(tmp_path: Path) -> None:
    keys = read_or_make_keys(tmp_path, {"INTERNAL_SECRET": "theirs", "JWT_SIGNING_KEY": "pem"})

    assert (keys.internal_secret, keys.signing_key) == ("theirs", "pem")
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_half_written_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "internal_secret.new").write_text("hal")

    assert len(read_or_make_keys(tmp_path, {}).internal_secret) >= 48


def test_roles_have_different_passwords_and_keys_are_not_printed(tmp_path: Path) -> None:
    keys = read_or_make_keys(tmp_path, {})

    assert keys.database_password("auth") != keys.database_password("users")
    assert keys.internal_secret not in repr(keys)
