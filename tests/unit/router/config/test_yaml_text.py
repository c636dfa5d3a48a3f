"""Reading YAML and expanding it, as Apollo Router does."""

import pytest

from router.config.expand import expand, read_expanded
from router.config.problems import ConfigurationError
from router.config.yaml_text import read_yaml


def test_only_true_and_false_are_booleans():
    assert read_yaml("{a: off, b: yes, c: True, d: FALSE, e: n}") == {
        "a": "off",
        "b": "yes",
        "c": True,
        "d": False,
        "e": "n",
    }


def test_a_key_that_comes_twice_is_refused():
    with pytest.raises(ConfigurationError, match="comes twice"):
        read_yaml("limits: {max_depth: 1}\nlimits: {max_depth: 9}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${env.PORT}", 4000),
        ("0.0.0.0:${env.PORT}", "0.0.0.0:4000"),
        ("${env.PORT}${env.PORT}", 40004000),
        ("${env.ON}", True),
        ("${env.HALF}", 0.5),
        ("${env.YES}", "yes"),
        ("${env.NONE:-}", ""),
        ("${env.NONE:-a:b}", "a:b"),
        ("${env.NONE:-${env.PORT}}", "${env.PORT}"),
        ("${env.TRICK}", "${env.PORT}"),
        ("$$", "$"),
        ("$${env.PORT}", "${env.PORT}"),
        ("$PORT ${PORT}", "$PORT ${PORT}"),
        ("${file./nowhere:-d}", "d"),
    ],
)
def test_expansions(text, expected):
    environment = {"PORT": "4000", "ON": "true", "HALF": "0.5", "YES": "yes", "TRICK": "${env.PORT}"}
    problems = []
    assert read_expanded(expand({"k": [text]}, environment, problems)) == {"k": [expected]}
    assert problems == []


def test_a_file_is_read_without_its_last_line_break(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    assert expand(f"${{file.{tmp_path}/secret}}", {}, []) == "s3cret"


def test_what_cannot_be_expanded_is_told():
    problems = []
    expand(["${env.NONE}", "${file./nowhere}", "${vault.x}"], {}, problems)
    assert problems == [
        "${env.NONE}: there is no such environment variable, and no default",
        "${file./nowhere}: there is no such file, and no default",
        "${vault.x}: expansions are of env or file",
    ]


def test_prefix_and_kinds_of_expansion_can_be_set():
    environment = {"APOLLO_ROUTER_CONFIG_ENV_PREFIX": "P", "P_X": "1", "X": "2"}
    assert read_expanded(expand("${env.X}", environment, [])) == 1
    problems = []
    expand("${file./etc/hostname}", {"APOLLO_ROUTER_CONFIG_SUPPORTED_MODES": "env"}, problems)
    assert problems == ["${file./etc/hostname}: expansions are of env"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &a [*a]", "an alias names what it stands in"),
        ("a: &a {b: {c: *a}}", "an alias names what it stands in"),
        ("a: " + "[" * 3_000 + "]" * 3_000, "it nests too deep"),
        ("a: " + "9" * 5_000, "digits"),
        ("a: !!python/object/apply:os.system [id]", "constructor"),
        ("? [a]\n: b", "unhashable"),
    ],
    ids=lambda text: text[:20],
)
def test_what_would_break_the_reader_is_refused(text, problem):
    with pytest.raises(ConfigurationError, match=problem):
        read_yaml(text)


def laughs(levels):
    """Each level has ten times the last."""
    lines = ["l0: &l0 [" + ", ".join("x" * 10) + "]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines)


def test_a_few_lines_of_aliases_do_not_come_to_billions():
    assert len(read_yaml(laughs(4))["l3"]) == 10
    with pytest.raises(ConfigurationError, match="more than 100000 values"):
        read_yaml(laughs(9))


def test_a_file_without_end_is_no_value():
    problems = []
    expand("${file./dev/zero}", {}, problems)
    assert problems == ["${file./dev/zero}: there is no such file, and no default"]
