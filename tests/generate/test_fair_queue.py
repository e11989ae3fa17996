"""The queue by itself: whose turn comes when."""

from generate.fair_queue import FairQueue


def served(queue, tickets):
    """Conversations in the order in which they are served, each leaving as soon as it is called."""
    order, left = [], dict(tickets)
    while left:
        name = next(name for name, ticket in left.items() if ticket.called.is_set())
        order.append(name)
        queue.leave(left.pop(name))
    return order


def test_the_first_is_served_at_once_and_the_next_knows_its_place():
    queue = FairQueue()
    first, second, third = queue.join("a"), queue.join("b"), queue.join("c")
    assert first.called.is_set()
    assert [queue.place(ticket) for ticket in (first, second, third)] == [0, 1, 2]
    queue.leave(second)
    assert queue.place(third) == 1
    queue.leave(first)
    assert third.called.is_set()


def test_conversations_take_turns_and_keep_their_own_order():
    queue = FairQueue()
    names = ["a1", "a2", "a3", "b1", "b2"]
    tickets = [(name, queue.join(name[0])) for name in names]
    assert served(queue, tickets) == ["a1", "b1", "a2", "b2", "a3"]


def test_requests_of_nobody_are_served_as_they_come():
    queue = FairQueue()
    tickets = [(name, queue.join("")) for name in "xyz"]
    assert served(queue, tickets) == ["x", "y", "z"]


def test_who_asks_again_and_again_does_not_keep_others_waiting():
    queue = FairQueue()
    current, patient = queue.join("busy"), queue.join("patient")
    second = queue.join("patient")
    for _ in range(5):
        queue.leave(current)
        current = queue.join("busy")
        for ticket in (patient, second):
            if ticket.called.is_set():
                queue.leave(ticket)
    assert patient.called.is_set()
    assert second.called.is_set()


def test_leaving_twice_changes_nothing():
    queue = FairQueue()
    first, second, third = queue.join("a"), queue.join("b"), queue.join("c")
    queue.leave(first)
    queue.leave(first)
    assert second.called.is_set()
    assert not third.called.is_set()
