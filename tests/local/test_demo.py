from local.demo import describe, differences
from newsletter.sending.domain.books import Books


def test_the_balance_names_every_reason() -> None:
    books = Books(audience=10, sent=6, skipped={"suppressed": 1, "left": 2}, failed={"rejected": 1})

    assert describe(books) == (
        "the books: audience 10 = 6 sent + 3 skipped (2 left, 1 suppressed) + 1 failed (1 rejected): balanced"
    )


def test_books_that_do_not_balance_say_so() -> None:
    assert describe(Books(audience=2, sent=1, unknown=1)).endswith("NOT balanced, 0 waiting, 1 unknown")


def test_one_message_each_is_as_it_should_be() -> None:
    assert differences(["ada", "ben"], ["ben", "ada"]) == []


def test_too_few_too_many_and_strangers_are_each_named() -> None:
    assert differences(["ada", "ben"], ["ada", "ada", "eve"]) == [
        "ada got 2 messages instead of one",
        "ben got 0 messages instead of one",
        "eve got 1 messages and is not on the list",
    ]
