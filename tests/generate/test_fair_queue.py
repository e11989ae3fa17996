"""The queue by itself: whose turn comes when."""

from generate.fair_queue import Turns


def served(turns, tickets):
    """Conversations in the order in which they are served, each leaving as soon as its turn comes."""
    order, left = [], dict(tickets)
    while left:
        name = next(name for name, ticket in left.items() if ticket.turn.is_set())
        order.append(name)
        turns.leave(left.pop(name))
    return order


def test_the_first_is_served_at_once_and_the_next_knows_its_place():
    turns = Turns()
    first, second, third = turns.join("a"), turns.join("b"), turns.join("c")
    assert first.turn.is_set()
    assert [turns.place(ticket) for ticket in (first, second, third)] == [0, 1, 2]
    turns.leave(second)
    assert turns.place(third) == 1
    turns.leave(first)
    assert third.turn.is_set()


def test_conversations_take_turns_and_keep_their_own_order():
    turns = Turns()
    names = ["a1", "a2", "a3", "b1", "b2"]
    tickets = [(name, turns.join(name[0])) for name in names]
    assert served(turns, tickets) == ["a1", "b1", "a2", "b2", "a3"]


def test_requests_of_nobody_are_served_as_they_come():
    turns = Turns()
    tickets = [(name, turns.join("")) for name in "xyz"]
    assert served(turns, tickets) == ["x", "y", "z"]


def test_who_asks_again_and_again_does_not_keep_others_waiting():
    turns = Turns()
    current, patient = turns.join("busy"), turns.join("patient")
    second = turns.join("patient")
    for _ in range(5):
        turns.leave(current)
        current = turns.join("busy")
        for ticket in (patient, second):
            if ticket.turn.is_set():
                turns.leave(ticket)
    assert patient.turn.is_set()
    assert second.turn.is_set()


def test_leaving_twice_changes_nothing():
    turns = Turns()
    first, second, third = turns.join("a"), turns.join("b"), turns.join("c")
    turns.leave(first)
    turns.leave(first)
    assert second.turn.is_set()
    assert not third.turn.is_set()
