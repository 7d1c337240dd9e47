import { join, type Piece } from "./piece.ts";
import type { Split } from "./scenario.ts";

/** Cuts a body, given event by event, into the pieces that are written one by one. Joined, they are the same. */
export function splitEvents(events: Iterable<Piece>, split: Split): Iterable<Piece> {
  switch (split) {
    case "per-event":
      return events;
    case "two-per-packet":
      return pairs(events);
    case "every-byte":
      return cutEach(events, (bytes) => offsets(1, bytes.length));
    case "inside-utf8":
      return cutEach(events, cutsInsideCharacters());
    case "whole":
      return [join(events)];
    default:
      return cutWhole([...events], split.at);
  }
}

function* pairs(events: Iterable<Piece>): Generator<Piece> {
  let first: Piece | undefined;
  for (const event of events) {
    if (first === undefined) first = event;
    else {
      yield join([first, event]);
      first = undefined;
    }
  }
  if (first !== undefined) yield first;
}

function* cutEach(events: Iterable<Piece>, cuts: (bytes: Buffer) => Iterable<number>): Generator<Piece> {
  for (const event of events) {
    let start = 0;
    for (const cut of cuts(event.bytes)) {
      yield { bytes: event.bytes.subarray(start, cut), events: 0 };
      start = cut;
    }
    yield { bytes: event.bytes.subarray(start), events: event.events };
  }
}

function* offsets(start: number, end: number): Generator<number> {
  for (let offset = start; offset < end; offset++) yield offset;
}

/** A character of n bytes has n - 1 inner borders; each next character of that length is cut at the next one. */
function cutsInsideCharacters(): (bytes: Buffer) => Iterable<number> {
  const seen = [0, 0, 0, 0, 0];
  return function* (bytes) {
    for (let offset = 0; offset < bytes.length; offset++) {
      const length = characterLength(bytes[offset] ?? 0);
      if (length < 2) continue;
      const turn = seen[length] ?? 0;
      seen[length] = turn + 1;
      yield offset + 1 + (turn % (length - 1));
      offset += length - 1;
    }
  };
}

function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

function* cutWhole(events: readonly Piece[], at: readonly number[]): Generator<Piece> {
  const { bytes } = join(events);
  const ends: number[] = [];
  let end = 0;
  for (const event of events) {
    end += event.bytes.length;
    if (event.events > 0) ends.push(end);
  }
  const inner = at.filter((offset) => offset > 0 && offset < bytes.length);
  const cuts = [...new Set(inner)].sort((a, b) => a - b);
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    const from = start;
    yield { bytes: bytes.subarray(from, cut), events: ends.filter((e) => e > from && e <= cut).length };
    start = cut;
  }
}
