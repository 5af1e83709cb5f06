"""Signing in and out, tokens, limits on guessing, forms of other sites."""

from __future__ import annotations

from typing import Any

import pytest

from nabd.access import Door, accounts, audit
from nabd.access.authenticator import LocalPasswords
from nabd.access.origin import COOKIE, check_origin, cookie, token_of
from nabd.access.rules import Place
from nabd.errors import Problem
from nabd.store import Store

PASSWORD = "palmier-olive-42"


@pytest.fixture
async def door(store: Store) -> Door:
    await accounts.create(store, "amina", "clinician", Place("facility", "h1"), PASSWORD)
    await accounts.create(store, "admin", "admin", password=PASSWORD)
    return Door(store)


async def refused(awaitable: Any) -> str:
    with pytest.raises(Problem) as caught:
        await awaitable
    return caught.value.issues[0].code


async def test_a_sign_in_gives_a_session_until_sign_out(door: Door) -> None:
    token = await door.sign_in("Amina ", PASSWORD, "10.0.0.1")
    session = await door.enter(token)
    assert (session.account.name, session.role.name, session.purpose) == (
        "amina",
        "clinician",
        "TREAT",
    )
    await door.sign_out(token)
    assert await refused(door.enter(token)) == "N4011"


async def test_what_is_kept_is_neither_password_nor_token(door: Door) -> None:
    token = await door.sign_in("amina", PASSWORD)
    async with door.store.read() as connection:
        kept = await connection.fetchval("select password from account where name = 'amina'")
        hashes = await connection.fetch("select hash from token")
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert all(token.encode() not in row["hash"] for row in hashes)


@pytest.mark.parametrize(
    ("name", "password"), [("amina", "wrong-password"), ("nobody", PASSWORD), ("", "")]
)
async def test_a_wrong_name_and_a_wrong_password_say_the_same(
    door: Door, name: str, password: str
) -> None:
    assert await refused(door.sign_in(name, password)) == "N4012"


async def test_guessing_is_slowed_down_even_when_the_guess_is_right(door: Door) -> None:
    for _ in range(6):
        assert await refused(door.sign_in("amina", "guess-guess")) == "N4012"
    assert await refused(door.sign_in("amina", PASSWORD)) == "N4013"
    assert (await door.enter(await door.sign_in("admin", PASSWORD))).account.name == "admin"


async def test_names_that_nobody_has_are_slowed_down_alike(door: Door) -> None:
    for _ in range(6):
        assert await refused(door.sign_in("nobody", "guess-guess")) == "N4012"
    assert await refused(door.sign_in("nobody", "guess-guess")) == "N4013"


async def test_guessing_many_names_from_one_address_is_slowed_down(door: Door) -> None:
    codes = {await refused(door.sign_in(f"n{i}", "guess-guess", "10.9.9.9")) for i in range(52)}
    assert codes == {"N4012", "N4013"}
    assert await refused(door.sign_in("admin", PASSWORD, "10.9.9.9")) == "N4013"
    assert await door.sign_in("admin", PASSWORD, "10.9.9.8")


async def test_a_right_password_forgets_the_failures_of_its_name(door: Door) -> None:
    for _ in range(3):
        for _ in range(4):
            assert await refused(door.sign_in("amina", "guess-guess")) == "N4012"
        assert await door.sign_in("amina", PASSWORD)


async def test_an_unknown_or_missing_token_does_not_enter(door: Door) -> None:
    assert await refused(door.enter("")) == "N4010"
    assert await refused(door.enter("nabd_nothing")) == "N4011"


async def test_a_token_ends_with_its_time(store: Store, door: Door) -> None:
    short = Door(store, session_hours=0.0)
    token = await short.sign_in("amina", PASSWORD)
    assert await refused(short.enter(token)) == "N4011"


async def test_an_api_token_is_named_revocable_and_shown_once(door: Door) -> None:
    from nabd.access import tokens

    admin = await door.enter(await door.sign_in("admin", PASSWORD))
    token = await door.issue_token(admin, "laboratory", 30, "amina")
    assert (await door.enter(token)).account.name == "amina"
    async with door.store.transaction() as connection:
        amina = await accounts.find(connection, "amina")
        assert [one.name for one in await tokens.listed(connection, amina.number)] == ["laboratory"]
        await tokens.revoke(connection, amina.number, "laboratory")
    door.forget()
    assert await refused(door.enter(token)) == "N4011"


async def test_only_who_manages_accounts_makes_tokens_for_others(door: Door) -> None:
    amina = await door.enter(await door.sign_in("amina", PASSWORD))
    assert await refused(door.issue_token(amina, "x", 1, "admin")) == "N4014"
    assert await door.issue_token(amina, "x", 1)


async def test_a_disabled_account_does_not_enter(store: Store, door: Door) -> None:
    token = await door.sign_in("amina", PASSWORD)
    assert (await accounts.set_disabled(store, "amina", True)).disabled
    door.forget()
    assert await refused(door.enter(token)) == "N4011"
    assert await refused(door.sign_in("amina", PASSWORD)) == "N4012"
    await accounts.set_disabled(store, "amina", False)
    assert await door.sign_in("amina", PASSWORD)


async def test_a_new_password_ends_the_sessions(store: Store, door: Door) -> None:
    token = await door.sign_in("amina", PASSWORD)
    await accounts.set_password(store, "amina", "another-secret")
    door.forget()
    assert await refused(door.enter(token)) == "N4011"
    assert await door.sign_in("amina", "another-secret")


async def test_a_new_role_is_dated_and_ends_the_sessions(store: Store, door: Door) -> None:
    token = await door.sign_in("amina", PASSWORD)
    await accounts.assign(store, "amina", "planner", Place(), "admin")
    door.forget()
    assert await refused(door.enter(token)) == "N4011"
    async with store.read() as connection:
        past = await accounts.assignments(connection, "amina")
    assert [(one.role, one.until is None) for one in past] == [
        ("planner", True),
        ("clinician", False),
    ]


async def test_a_purpose_is_one_of_the_known(door: Door) -> None:
    token = await door.sign_in("amina", PASSWORD)
    assert (await door.enter(token, "ETREAT")).purpose == "ETREAT"
    assert await refused(door.enter(token, "curiosity")) == "N4019"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"name": "Amina A."}, "N4025"),
        ({"name": "amina"}, "N4021"),
        ({"role": "king"}, "N4023"),
        ({"password": "short"}, "N4020"),
        ({"password": "x" * 201}, "N4020"),
    ],
)
async def test_an_account_is_checked(
    store: Store, door: Door, arguments: dict[str, str], code: str
) -> None:
    given = {"name": "new.name", "role": "planner"} | arguments
    assert await refused(accounts.create(store, **given)) == code


@pytest.mark.parametrize("text", ["", "region", "region:", "national:1", "village:2"])
def test_a_place_is_checked(text: str) -> None:
    with pytest.raises(Problem) as caught:
        accounts.place_of(text)
    assert caught.value.issues[0].code == "N4024"


async def test_signing_in_is_in_the_audit_log(store: Store, door: Door) -> None:
    await refused(door.sign_in("amina", "guess-guess"))
    await door.sign_in("amina", PASSWORD)
    async with store.read() as connection:
        log, _ = await audit.of_account(connection, None)
    assert [(one.account, one.action, one.outcome) for one in log] == [
        ("amina", "sign-in", "done"),
        ("", "sign-in", "refused"),
    ]


async def test_another_way_to_prove_who_one_is_takes_the_same_place(store: Store) -> None:
    class Everybody:
        async def authenticate(self, proof: Any, address: str) -> int:
            async with store.read() as connection:
                return (await accounts.find(connection, proof["name"])).number

    await accounts.create(store, "federated", "planner")
    assert await refused(LocalPasswords(store).authenticate({"name": "federated"}, "")) == "N4012"
    door = Door(store, authenticator=Everybody())
    assert (await door.enter(await door.sign_in("federated", ""))).role.name == "planner"


HOST = (b"host", b"nabd.example")


@pytest.mark.parametrize(
    ("method", "headers", "passes"),
    [
        ("GET", [], True),
        ("POST", [(b"sec-fetch-site", b"same-origin")], True),
        ("POST", [(b"sec-fetch-site", b"none")], True),
        ("POST", [(b"sec-fetch-site", b"cross-site")], False),
        ("POST", [(b"sec-fetch-site", b"same-site")], False),
        ("POST", [(b"origin", b"https://nabd.example"), HOST], True),
        ("POST", [(b"origin", b"https://evil.example"), HOST], False),
        ("POST", [(b"origin", b"null"), HOST], False),
        ("DELETE", [], False),
    ],
)
def test_forms_of_other_sites_are_refused(
    method: str, headers: list[tuple[bytes, bytes]], passes: bool
) -> None:
    if passes:
        check_origin(method, dict(headers))
        return
    with pytest.raises(Problem) as caught:
        check_origin(method, dict(headers))
    assert caught.value.issues[0].code == "N4018"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    assert cookie("t", 60, secure=True) == (
        f"{COOKIE}=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
    )
    assert "Secure" not in cookie("t", 60, secure=False)


def test_a_token_comes_as_bearer_or_cookie() -> None:
    assert token_of({b"authorization": b"Bearer abc"}) == ("abc", False)
    assert token_of({b"cookie": b"lang=ar; nabd_session=abc"}) == ("abc", True)
    assert token_of({b"authorization": b"Basic abc"}) == ("", False)
    assert token_of({}) == ("", False)
