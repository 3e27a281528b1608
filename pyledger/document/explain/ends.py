"""What happens when something goes wrong, how a verdict is contested, and how the deal ends."""

from __future__ import annotations

from pyledger.document.explain.teller import Teller, duration, share, time
from pyledger.document.explain.tree import Fact, Items, Paragraph, Section, Sentence, say

__all__ = ["contesting", "ending", "wrong"]


def wrong(teller: Teller) -> Section:
    """Breach, material breach, and money that does not come in."""
    document = teller.document
    bonds = any(party.bond for party in document.parties.values())
    obligations = [found for phase in document.phases for found in phase.obligations.values()]
    items = []
    if bonds:
        items.append(
            say(
                "A party that breaches loses the share of its bond said with the obligation, at most what is left of ",
                "it. ",
                "The deal goes on, unless the breach is material.",
            )
        )
    if any(found.material for found in obligations):
        items.append(
            say(
                "A material breach ends the deal at the moment it becomes final. What was not decided by then lapses. ",
                "What was decided is paid as decided. What is left of the bonds goes back.",
            )
        )
    items += _default(teller, bonds=bonds)
    items.append(say("A party may admit its own breach at any time before the verdict. That cannot be contested."))
    items.append(say("An obligation that lapses is nobody's fault. It costs no bond."))
    return Section("wrong", say("If something goes wrong"), (Items(tuple(items)),))


def _default(teller: Teller, *, bonds: bool) -> list[Sentence]:
    document = teller.document
    items = []
    if bonds:
        top_up = duration(document.top_up_within, ("top_up_within",))
        items.append(
            say(
                "If a phase asks for a higher bond than the one before, or a bond has shrunk, the party must top it ",
                "up ",
                "within ", top_up, " of the opening of the phase. A surplus goes back to it at once.",
            )
        )  # fmt: skip
    costs = say(share(document.default_forfeits, ("default_forfeits",)), " of its bond in that phase")
    without = "" if bonds else " (here nobody has one)"
    what = " or top up its bond in time" if bonds else " in time"
    kept = "Nothing is owed where a final verdict already keeps the payment back."
    if any(phase.payments for phase in document.phases) or bonds:
        items.append(
            say(
                f"A party that does not pay into escrow{what} defaults. It loses ", costs, f"{without}, and the deal ",
                "ends ",
                f"as by a material breach. {kept}",
            )
        )  # fmt: skip
    else:
        items.append(say("A party that defaults on money loses ", costs, f"{without}."))
    if not bonds:
        items.append(
            say("A bond would have to be topped up within ", duration(document.top_up_within, ("top_up_within",)), ".")
        )
    return items


def contesting(teller: Teller) -> Section:
    """The court, who may go to it, until when, and what its silence means."""
    found = teller.document.arbitration
    title = say("How a verdict is contested")
    if found is None:
        return Section("contesting", title, (Paragraph(say("There is no court. A verdict is final as it is given.")),))
    at = ("arbitration",)
    who = (
        "any party that has joined, or whoever has standing,"
        if teller.document.standing
        else "any party that has joined"
    )
    items = [
        say(
            "Within ", duration(found.challenge_within, (*at, "challenge_within")), f" of a verdict, {who} may ",
            "challenge ",
            "it before the court ", teller.who(found.court, (*at, "court")), ", paying the court's fee.",
        ),
        say(
            "The court rules that the obligation was met, breached or has lapsed. Its ruling takes the place of the ",
            "verdict. If it declines to say, the obligation lapses.",
        ),
        say(
            "Without a ruling within ", duration(found.ruling_within, (*at, "ruling_within")), " of the challenge, ",
            "the ",
            "verdict stands.",
        ),
        say("Until a verdict is final nothing that hangs on it is paid."),
    ]  # fmt: skip
    if found.data:
        written = f"0x{found.data.hex()}"
        items.append(
            say(
                "The court is handed these data with each challenge: ",
                Fact("bytes", written, written, (*at, "data")),
                ".",
            )
        )
    return Section("contesting", title, (Items(tuple(items)),))


def ending(teller: Teller) -> Section:
    """Completion, termination, consent, and the last date."""
    document = teller.document
    phase = "the last phase is" if len(document.phases) > 1 else "the phase is"
    if document.long_stop is not None:
        stop = say("The last date is ", time(document.long_stop, ("long_stop",)), ".")
    else:
        stop = say(
            "The last date is ", duration(document.long_stop_after or 0, ("long_stop_after",)),
            " after the start that the parties set.",
        )  # fmt: skip
    windows = " and the time to contest is over," if document.arbitration else ""
    several = len(document.parties) > 1
    everybody = "If every party that has joined signs" if several else "If the party signs"
    items = (
        say(f"It is completed when {phase} settled. All bonds that are left go back."),
        say(
            stop, " After it nothing more is decided: what is undecided lapses. Once it has passed,", windows, " ",
            "anybody can end it: what was decided is paid as decided, and all else goes back. No money can stay in.",
        ),
        say(f"{everybody}, the deal is dissolved at once, and all that it holds is split as they agree."),
        say(f"{everybody}, one obligation or payment of the phase at hand is given more time."),
        say("Money that cannot be delivered is kept for whom it belongs to, and delays nobody else."),
    )  # fmt: skip
    return Section("ending", say("How it ends"), (Items(items),))
