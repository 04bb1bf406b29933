"""只凭抽取凭证重算一次抽取 / Recompute a draw from its certificate alone: python3 verify_draw.py draw.json"""

import hashlib
import json
import sys
import unicodedata

WORDS = {
    "roster": "名单与抽取前公布的哈希一致 / the roster matches its commitment",
    "nonce": "随机数与抽取前公布的哈希一致 / the nonce matches its commitment",
    "quotas": "各层名额按公布的权重算出 / the quotas follow from sizes and published weights",
    "events": "名单、事件、各次抽取完整有序 / units, events and draws whole, in order of time",
    "times": "先承诺，再有公开值，再抽取 / commitment, then public value, then draw",
    "seed": "种子由随机数和公开值算出 / the seed follows from nonce and public value",
    "selection": "单位、递补、检查人员与重算一致 / units, substitutes, inspectors as recomputed",
    "barred": "只打开遇到的回避组合，都在承诺中 / opened pairs are those met, all committed to",
}


def sha(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def order(seed, names):
    # ascending tickets: a hash's decimal digits, padded to 64 and reversed, as a fraction
    return sorted(("0." + str(int(sha(sha(seed) + name), 16)).zfill(64)[::-1], name) for name in names)


def quotas(wanted, strata):
    """Largest remainder by weight times size; what a stratum cannot take is shared again."""
    given = {s["name"]: 0 for s in strata}
    while (left := wanted - sum(given.values())) > 0:
        claims = {s["name"]: s["weight"] * s["size"] for s in strata if given[s["name"]] < s["size"]}
        total = sum(claims.values())
        seats = {name: left * claim // total for name, claim in claims.items()}
        ranked = sorted(claims, key=lambda name: (-(left * claims[name] % total), name))
        for name in ranked[: left - sum(seats.values())]:
            seats[name] += 1
        for s in strata:
            given[s["name"]] += min(seats.get(s["name"], 0), s["size"] - given[s["name"]])
    return given


class Play:  # the draw once more, event by event; `fair` while every event is one that it allows
    def __init__(self, roster, seed, opened):
        self.roster, self.seed, self.opened, self.fair = roster, seed, opened, True
        self.line, self.chosen, self.off, self.met = [], {}, set(), set()
        stratum, places = {u["unit"]: u["stratum"] for u in roster["units"]}, {}
        for ticket, unit in order(seed, stratum):
            places[stratum[unit]] = place = places.get(stratum[unit], 0) + 1
            one = {"unit": unit, "stratum": stratum[unit], "place": place, "ticket": ticket}
            self.line.append({**one, "replaces": None, "inspectors": [], "is_out": False})

    def take(self, event):
        kind, unit = event["kind"], event.get("unit")
        if kind == "drawn":
            for s in sorted(self.roster["strata"], key=lambda s: s["name"]):
                for one in [o for o in self.line if o["stratum"] == s["name"]][: s["quota"]]:
                    self.choose(one, None)
        elif kind == "excluded":
            one = self.chosen.get(unit) or [o for o in self.line if o["unit"] == unit][0]
            self.fair &= not one["is_out"] and bool(event["reason"])
            self.line, one["is_out"] = [o for o in self.line if o is not one], True
        elif kind == "substitute_opened":
            left, others = self.chosen[event["replaces"]], [c for c in self.chosen.values() if c["replaces"]]
            one = [o for o in self.line if o["stratum"] == left["stratum"]][0]
            opened = sum(c["stratum"] == left["stratum"] for c in others)
            self.fair &= left["unit"] not in [c["replaces"] for c in others] and bool(event["reason"])
            self.fair &= one["unit"] == unit and opened < self.roster["substitutes"]
            left["is_out"] = True
            self.choose(one, left["unit"])
        elif kind == "inspector_replaced":
            one, gone = self.chosen[unit], event["inspector"]
            self.fair &= gone in one["inspectors"] and not one["is_out"] and bool(event["reason"])
            self.off.add((gone, unit))
            one["inspectors"] = self.team(unit, [i for i in one["inspectors"] if i != gone])

    def choose(self, one, replaces):
        self.line = [o for o in self.line if o is not one]
        self.chosen[one["unit"]], one["replaces"] = one, replaces
        one["inspectors"] = self.team(one["unit"], [])

    def team(self, unit, team):
        """The first two of the unit's own order, those below the load before others, barred ones never."""
        teams = [c["inspectors"] for c in self.chosen.values() if not c["is_out"]]
        line = [i for _, i in order(f"{self.seed},{unit}", self.roster["inspectors"]) if i not in team]
        line.sort(key=lambda i: max(0, sum(i in two for two in teams) + 1 - self.roster["load"]))
        for inspector in (i for i in line if (i, unit) not in self.off):
            if len(team) < 2 and (inspector, unit) in self.opened:
                self.met.add((inspector, unit))
            elif len(team) < 2:
                team = [*team, inspector]
        return team


def checks(certificate, number, draw):
    roster, said, events, value = draw["roster"], draw["commitment"], draw["events"], draw["value"]
    kinds, times, nonce = [e["kind"] for e in events], [e["at"] for e in events], bytes.fromhex(draw["nonce"])
    strata, held = roster["strata"], [u["stratum"] for u in roster["units"]]
    is_this = roster["campaign"] == certificate["campaign"] and roster["draw"] == draw["number"] == number
    text = json.dumps(roster, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    yield "roster", is_this and sha(text) == said["roster_sha256"]
    yield "nonce", len(nonce) == 32 and sha(nonce) == said["nonce_sha256"]
    sizes, is_whole = {name: held.count(name) for name in set(held)}, len(set(held)) == len(strata)
    is_whole &= all(s["weight"] == certificate["weights"].get(s["name"], 1) >= 1 for s in strata)
    is_whole &= sizes == {s["name"]: s["size"] for s in strata} and len(held) >= roster["draw_count"]
    due = quotas(roster["draw_count"], strata) if is_whole else None
    yield "quotas", due == {s["name"]: s["quota"] for s in strata}
    is_whole = [e["n"] for e in events] == list(range(1, len(events) + 1)) and times == sorted(times)
    is_whole &= len({u["unit"] for u in roster["units"]}) == len(held) and kinds.count("drawn") < 2
    is_whole &= ("redrawn" in kinds) != (draw is certificate["draws"][-1])
    yield "events", is_whole and kinds[0] == "committed" and times[0] == said["committed_at"]
    drawn = [e["at"] for e in events if e["kind"] == "drawn"]
    if value is None:
        yield "times", draw["seed"] is None and draw["selection"] == drawn == []
        return
    yield "times", said["committed_at"] < said["value_at"] <= value["known_at"] <= min([*drawn, "9"])
    seed = sha(nonce + unicodedata.normalize("NFC", value["text"]).encode())
    yield "seed", seed == draw["seed"]
    opened = {(o["inspector"], o["unit"]): bytes.fromhex(o["salt"]) for o in draw["opened"]}
    play = Play(roster, seed, opened)
    for event in events:
        play.take(event)
    yield "selection", play.fair and list(play.chosen.values()) == draw["selection"]
    hashes = {sha(salt + ",".join(pair).encode()) for pair, salt in opened.items()}
    yield "barred", play.met == set(opened) and hashes <= set(roster["barred"])


def main(path):
    good = False
    try:
        with open(path, encoding="utf-8") as file:
            certificate = json.load(file)
        if not certificate["revealed_at"]:
            print("尚未公布，只有承诺 / not revealed yet: commitments only")
            return 2
        good = certificate["format"] == "honghei-draw/1" and len(certificate["draws"]) > 0
        for number, draw in enumerate(certificate["draws"], 1):
            for key, holds in checks(certificate, number, draw):
                print(f"{'✓' if holds else '✗'} [{number}] {WORDS[key]}")
                good = good and holds
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"✗ 读不下去：凭证有错 / cannot go on, the certificate is wrong: {error!r}")
        good = False
    print("全部成立 / everything holds" if good else "有不成立的地方 / something does not hold")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
