"""`authentication.subgraph`: requests to subgraphs behind AWS, signed."""

from importlib.util import find_spec

from router.config.section import Section
from router.executor.options import AwsSigning, SigningOptions

SESSION_NAME = "router"


def read_signing(section: Section) -> SigningOptions:
    """All of it."""
    all_subgraphs = section.section("all")
    for_all = _read_signature(all_subgraphs, None)
    by_subgraph = {}
    for name, each in section.sections("subgraphs").items():
        by_subgraph[name] = _read_signature(each, for_all)
        each.finish()
    all_subgraphs.finish()
    section.finish()
    options = SigningOptions(for_all, by_subgraph)
    if not options.is_off and find_spec("botocore") is None:
        section.fail("all", "needs the library botocore: pip install 'federated-marketplace[aws]'")
    return options


def _read_signature(parent: Section, inherited: AwsSigning | None) -> AwsSigning | None:
    section = parent.section("aws_sig_v4")
    given, chain = section.section("hardcoded"), section.section("default_chain")
    key_id, secret = given.text("access_key_id"), given.text("secret_access_key")
    profile = chain.text("profile_name")
    read = [_read_common(each) for each in (given, chain)]
    for each in (given, chain, section):
        each.finish()
    if "aws_sig_v4" not in parent:
        return inherited
    is_given, is_chain = "hardcoded" in section, "default_chain" in section
    if is_given == is_chain:
        parent.fail("aws_sig_v4", "must have one of hardcoded and default_chain")
        return inherited
    if is_given and not (key_id and secret):
        given.fail("access_key_id", "and secret_access_key are needed")
    chosen, common = (given, read[0]) if is_given else (chain, read[1])
    for name in ("region", "service_name"):
        if not common[name]:
            chosen.fail(name, "is missing")
    return AwsSigning(
        region=common["region"] or "",
        service_name=common["service_name"] or "",
        access_key_id=key_id if is_given else "",
        secret_access_key=secret if is_given else "",
        profile_name=profile if is_chain else "",
        role_arn=common["role_arn"] or None,
        role_session_name=common["session_name"] or SESSION_NAME,
        external_id=common["external_id"] or None,
    )


def _read_common(section: Section) -> dict[str, str]:
    role = section.section("assume_role")
    common = {name: section.text(name) for name in ("region", "service_name")}
    common |= {name: role.text(name) for name in ("role_arn", "session_name", "external_id")}
    if "assume_role" in section and not common["role_arn"] and isinstance(section.find("assume_role"), dict):
        role.fail("role_arn", "is missing")
    role.finish()
    return common
