"""Files: from the client's form into the variables, and out of them into the form of each subgraph that needs them."""

import hashlib
import json

import httpx
import pytest
from starlette.responses import JSONResponse

from router import compose, create_app
from router.config.router_yaml import read_router_config
from router.hooks import Plugin
from router.server.options import UploadOptions
from tests.support.json_server import serving

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])'
FILES = f"""{LINK}
scalar Upload
input Album {{ title: String, pictures: [Upload!] }}
type Query {{ size(file: Upload!): Int }}
type Mutation {{ save(file: Upload!, note: String): String album(album: Album!): String }}
"""
OTHERS = f"""{LINK}
scalar Upload
type Query {{ a: Int }}
type Mutation {{ scan(file: Upload): String plain(note: String): String }}
"""
SAVE = 'mutation($f: Upload!) { save(file: $f, note: "n") }'
PREFLIGHT = {"apollo-require-preflight": "1"}


def form(operations, places, *files, headers=PREFLIGHT, boundary="b"):
    """A form as a client sends it, and its headers. A file is a name, what it is called, its type and content."""
    parts = [("operations", None, None, operations), ("map", None, None, places)]
    parts = [each for each in parts if each[3] is not None]
    body = b""
    for name, filename, content_type, content in (*parts, *files):
        named = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        kind = f"content-type: {content_type}\r\n" if content_type else ""
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        body += f"--{boundary}\r\ncontent-disposition: {named}\r\n{kind}\r\n".encode() + text + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={boundary}", **headers}


def save(content=b"content", query=SAVE, **more):
    operations = {"query": query, "variables": {"f": None}}
    return form(operations, {"0": ["variables.f"]}, ("0", "a.txt", "text/plain", content), **more)


async def upload(body, headers, *, plugins=None, answers=None, times=1, **config):
    """What the router answers, and what subgraphs get: name, GraphQL request, and files by path."""
    got = []

    async def answer(request):
        name = request.url.path[1:]
        if request.headers["content-type"].startswith("multipart/"):
            assert request.headers["apollo-require-preflight"]
            async with request.form() as parts:
                places = json.loads(parts["map"])
                assert list(parts)[:2] == ["operations", "map"]
                sent = {
                    key: (parts[key].filename, parts[key].content_type, await parts[key].read())
                    for key in places
                }
                files = {path: sent[key] for key, paths in places.items() for path in paths}
                got.append((name, json.loads(parts["operations"]), files))
        else:
            got.append((name, await request.json(), {}))
        data = {"save": "s", "scan": "c", "plain": "p", "album": "a", "size": len(got)}
        return JSONResponse({"data": data}, headers={"cache-control": "public, max-age=60"})

    sdl = compose({"files": FILES, "others": OTHERS}).supergraph_sdl
    async with serving(answer) as url:
        given = {
            "preview_file_uploads": {"enabled": True},
            "override_subgraph_url": {"files": f"{url}/files", "others": f"{url}/others"},
            "include_subgraph_errors": {"all": True},
            **config,
        }
        app = create_app(sdl, config=given, plugins=plugins)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            for _ in range(times):
                response = await client.post("/", content=body, headers=headers)
        await app.close()
    return response, got


async def test_a_file_comes_to_the_subgraph_that_needs_it():
    content = bytes(range(256)) * 10
    response, ((name, operation, files),) = await upload(*save(content))
    assert response.json() == {"data": {"save": "s"}}
    assert name == "files"
    assert operation["variables"] == {"f": None}
    assert files == {"variables.f": ("a.txt", "text/plain", content)}


async def test_files_in_lists_and_objects_each_come_to_their_place():
    operations = {
        "query": "mutation($a: Album!) { album(album: $a) }",
        "variables": {"a": {"title": "t", "pictures": [None, None, None]}},
    }
    places = {"x": ["variables.a.pictures.0", "variables.a.pictures.2"], "y": ["variables.a.pictures.1"]}
    files = ("y", 'q"uote\u00e9.png', "image/png", b"yy"), ("x", "x", None, b"xx")
    response, ((_, operation, received),) = await upload(*form(operations, places, *files))
    assert response.json() == {"data": {"album": "a"}}
    assert operation["variables"] == {"a": {"title": "t", "pictures": [None, None, None]}}
    assert received["variables.a.pictures.0"] == received["variables.a.pictures.2"]
    assert received["variables.a.pictures.0"][1:] == ("application/octet-stream", b"xx")
    assert received["variables.a.pictures.1"][2] == b"yy"


async def test_one_file_may_be_for_several_subgraphs_and_those_without_get_json():
    query = 'mutation($f: Upload!) { save(file: $f) scan(file: $f) plain(note: "x") }'
    response, got = await upload(*save(query=query))
    assert response.json() == {"data": {"save": "s", "scan": "c", "plain": "p"}}
    assert [(name, [*files]) for name, _, files in got][:2] == [
        ("files", ["variables.f"]),
        ("others", ["variables.f"]),
    ]


async def test_answers_to_different_files_are_kept_apart():
    query = "query($f: Upload!) { size(file: $f) }"
    cache = {"response_cache": {"enabled": True}}
    _, same = await upload(*save(b"one", query), times=2, **cache)
    assert len(same) == 1
    operations = [{"query": query, "variables": {"f": None}}] * 2
    tokens = set()
    for content in (b"one", b"two"):
        seen = []

        async def note(request, seen=seen):
            seen.append(request.body["variables"]["f"])

        await upload(*save(content, query), plugins={"p": Plugin(subgraph_request=note)}, **cache)
        tokens |= {*seen}
    assert len(tokens) == len(operations)


async def test_router_hooks_get_the_whole_form():
    sizes = []

    async def note(request):
        sizes.append(len(request.body))

    body, headers = save(b"x" * 900_000)
    limits = {"limits": {"http_max_request_bytes": 1000}}
    response, _ = await upload(body, headers, plugins={"p": Plugin(router_request=note)}, **limits)
    assert response.status_code == 200
    assert sizes == [len(body)]


LIMITS = {"protocols": {"multipart": {"limits": {"max_files": 2, "max_file_size": "10b"}}}}


def many(count):
    operations = {"query": "mutation($a: Album!) { album(album: $a) }"}
    operations["variables"] = {"a": {"pictures": [None] * count}}
    places = {str(i): [f"variables.a.pictures.{i}"] for i in range(count)}
    return form(operations, places, *((str(i), "f", "text/plain", b"x") for i in range(count)))


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (save(b"x" * 10), 200, None),
        (save(b"x" * 11), 413, "FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED"),
        (many(2), 200, None),
        (many(3), 413, "FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED"),
        (many(30), 413, "FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED"),
        (save(b"x" * 5_000_000), 413, "INVALID_GRAPHQL_REQUEST"),
    ],
)
async def test_files_are_bounded_in_number_and_size(sent, status, code):
    response, got = await upload(*sent, preview_file_uploads={"enabled": True, **LIMITS})
    assert response.status_code == status
    if code is not None:
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
        assert not got


OPERATIONS, FILE = {"query": SAVE, "variables": {"f": None}}, ("0", "a", "text/plain", b"x")


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        (form(None, {"0": ["variables.f"]}, FILE), "Missing multipart field 'operations'"),
        (form(OPERATIONS, None, FILE), "Missing multipart field 'map'"),
        (form([OPERATIONS], {"0": ["0.variables.f"]}, FILE), "batches cannot have files"),
        (form(OPERATIONS, ["x"], FILE), "`map` must be an object of lists of paths"),
        (form(OPERATIONS, {"0": "variables.f"}, FILE), "`map` must be an object of lists of paths"),
        (form(b"{", {"0": ["variables.f"]}, FILE), "`operations` is no JSON"),
        (form(OPERATIONS, {"1": ["variables.f"]}, FILE), "Missing files in the request: '1'."),
        (form(OPERATIONS, {"0": ["query"]}, FILE), "it should start with 'variables.'"),
        (form(OPERATIONS, {"0": ["variables"]}, FILE), "it should start with 'variables.'"),
        (form(OPERATIONS, {"0": ["variables.g"]}, FILE), "there is no null in 'operations'"),
        (form(OPERATIONS, {"0": ["variables.f", "variables.f"]}, FILE), "there is no null in 'operations'"),
        (form(OPERATIONS, {"0": ["variables.f.0"]}, FILE), "there is no null in 'operations'"),
        (
            form({"variables": {"f": [None]}}, {"0": ["variables.f.1"]}, FILE),
            "there is no null in 'operations'",
        ),
        (
            form({"variables": {"f": [None]}}, {"0": ["variables.f.-1"]}, FILE),
            "there is no null in 'operations'",
        ),
        (form(OPERATIONS, {"0": ["variables" + ".f" * 100]}, FILE), "it should start with 'variables.'"),
        (form(OPERATIONS, {"0": ["variables.f"] * 101}, FILE), "more than 100 paths"),
        ((b"nonsense", save()[1]), "the form cannot be read"),
        ((save()[0][:-10], save()[1]), "the form has no end"),
        ((save()[0], {**PREFLIGHT, "content-type": "multipart/form-data"}), "the form has no boundary"),
    ],
)
async def test_what_is_no_form_of_the_specification_is_told(sent, details):
    response, got = await upload(*sent)
    (error,) = response.json()["errors"]
    assert response.status_code == 400
    assert (error["message"], error["extensions"]["code"]) == (
        "Invalid GraphQL request",
        "INVALID_GRAPHQL_REQUEST",
    )
    assert details in error["extensions"]["details"]
    assert not got


async def test_a_form_without_a_preflight_is_refused_as_any_page_could_send_it():
    response, got = await upload(*save(headers={}))
    assert response.json()["errors"][0]["extensions"]["code"] == "CSRF_ERROR"
    assert not got


@pytest.mark.parametrize("off", [{}, {"enabled": True, "protocols": {"multipart": {"enabled": False}}}])
async def test_without_the_option_a_form_is_no_request(off):
    response, got = await upload(*save(), preview_file_uploads=off)
    assert response.status_code == 415
    assert not got


def test_the_defaults_are_apollos():
    options = read_router_config({"preview_file_uploads": {"enabled": True}}, {}).server.uploads
    assert options == UploadOptions(5, 1_000_000)
    assert read_router_config({}, {}).server.uploads is None


async def test_a_files_headers_cannot_break_out_of_the_form():
    name, kind = 'a\\"; name="map', "text/plain\r\nx-injected: 1"
    body, headers = form(OPERATIONS, {"0": ["variables.f"]}, ("0", name, kind, b"--router-x\r\n"))
    response, ((_, _, files),) = await upload(body, headers)
    assert response.json() == {"data": {"save": "s"}}
    assert [*files] == ["variables.f"]
    assert files["variables.f"][2] == b"--router-x\r\n"


async def test_http_2_and_proxies_take_files_too():
    content = b"x" * 1000
    traffic = {"traffic_shaping": {"all": {"experimental_http2": "enable"}}}
    response, ((_, _, files),) = await upload(*save(content), **traffic)
    assert response.json() == {"data": {"save": "s"}}
    assert hashlib.sha256(files["variables.f"][2]).digest() == hashlib.sha256(content).digest()
