/** Where in a JSON text one is (RFC 8259). */
type Place =
  | "start"
  | "value"
  | "first-element"
  | "first-name"
  | "name"
  | "colon"
  | "after-value"
  | "string"
  | "escape"
  | "hex"
  | "minus"
  | "zero"
  | "integer"
  | "dot"
  | "fraction"
  | "exponent"
  | "exponent-sign"
  | "exponent-digits"
  | "literal"
  | "end";

const WHITESPACE = " \t\n\r";
const LITERALS: { readonly [first: string]: string } = { t: "true", f: "false", n: "null" };
/** Numbers that may end here. */
const WHOLE_NUMBERS: ReadonlySet<Place> = new Set(["zero", "integer", "fraction", "exponent-digits"]);
/** Numbers that want one digit more. */
const BEGUN_NUMBERS: ReadonlySet<Place> = new Set(["minus", "dot", "exponent", "exponent-sign"]);

/**
 * Follows the text of a JSON object character by character and knows at each whether it could still become one. What comes
 * after the object is none of its business.
 */
export class ObjectGrammar {
  readonly #open: ("{" | "[")[] = [];
  #place: Place = "start";
  /** Of a string: whether it is a member's name. */
  #isName = false;
  /** Of a literal or of a character's number: what is still to come. */
  #rest = "";
  #length = 0;
  #cut = 0;

  /** True once the object is closed. */
  get isWhole(): boolean {
    return this.#place === "end";
  }

  /**
   * Takes the next characters, up to the object's end or to the first that no object has there; gives how many. Must not be
   * given more after that.
   */
  read(text: string): number {
    let taken = 0;
    while (taken < text.length && this.#step(text.charAt(taken))) {
      taken++;
      this.#length++;
      if (this.#place === "after-value" || this.#place === "end" || this.#place.startsWith("first-"))
        this.#cut = this.#length;
    }
    return taken;
  }

  /** Up to where the text holds only what is complete, and what closes it there. */
  get complete(): { readonly length: number; readonly closers: string } {
    // Whatever opens or closes is such a place itself, so what was open there still is.
    return { length: this.#cut, closers: closersOf(this.#open) };
  }

  /**
   * What brings the text, wherever it breaks off, to the end of a member of the outermost object, so that another member
   * could follow: `isFirst` where that needs no comma.
   */
  completion(): { readonly text: string; readonly isFirst: boolean } {
    if (this.#place === "start") return { text: "{", isFirst: true };
    const isOutermost = this.#open.length === 1;
    if (isOutermost && (this.#place === "first-name" || this.#place === "name"))
      return { text: "", isFirst: true };
    return { text: this.#valueEnd() + closersOf(this.#open.slice(1)), isFirst: false };
  }

  #step(character: string): boolean {
    switch (this.#place) {
      case "string":
        return this.#inString(character);
      case "escape":
        return this.#inEscape(character);
      case "hex":
        if (!/[0-9a-f]/i.test(character)) return false;
        this.#rest = this.#rest.slice(1);
        return this.#at(this.#rest === "" ? "string" : "hex");
      case "literal":
        if (character !== this.#rest[0]) return false;
        this.#rest = this.#rest.slice(1);
        return this.#at(this.#rest === "" ? "after-value" : "literal");
      case "start":
      case "value":
      case "first-element":
      case "first-name":
      case "name":
      case "colon":
      case "after-value":
        return WHITESPACE.includes(character) || this.#between(character);
      case "end":
        return false;
      default:
        return this.#inNumber(character);
    }
  }

  #at(place: Place): true {
    this.#place = place;
    return true;
  }

  #between(character: string): boolean {
    switch (this.#place) {
      case "start":
        return character === "{" && this.#begin("{");
      case "first-name":
        return character === "}" ? this.#close("{") : this.#name(character);
      case "name":
        return this.#name(character);
      case "colon":
        return character === ":" && this.#at("value");
      case "first-element":
        return character === "]" ? this.#close("[") : this.#value(character);
      case "value":
        return this.#value(character);
      default:
        return this.#afterValue(character);
    }
  }

  #begin(bracket: "{" | "["): true {
    this.#open.push(bracket);
    return this.#at(bracket === "{" ? "first-name" : "first-element");
  }

  #close(bracket: "{" | "["): boolean {
    if (this.#open.at(-1) !== bracket) return false;
    this.#open.pop();
    return this.#at(this.#open.length === 0 ? "end" : "after-value");
  }

  #name(character: string): boolean {
    if (character !== '"') return false;
    this.#isName = true;
    return this.#at("string");
  }

  #value(character: string): boolean {
    if (character === "{" || character === "[") return this.#begin(character);
    if (character === "-") return this.#at("minus");
    if (character === "0") return this.#at("zero");
    if (isDigit(character)) return this.#at("integer");
    if (character === '"') {
      this.#isName = false;
      return this.#at("string");
    }
    const literal = Object.hasOwn(LITERALS, character) ? LITERALS[character] : undefined;
    if (literal === undefined) return false;
    this.#rest = literal.slice(1);
    return this.#at("literal");
  }

  #afterValue(character: string): boolean {
    if (character === ",") return this.#at(this.#open.at(-1) === "{" ? "name" : "value");
    if (character === "}") return this.#close("{");
    return character === "]" && this.#close("[");
  }

  #inString(character: string): boolean {
    if (character === '"') return this.#at(this.#isName ? "colon" : "after-value");
    if (character === "\\") return this.#at("escape");
    return character >= " ";
  }

  #inEscape(character: string): boolean {
    if (character === "u") {
      this.#rest = "0000";
      return this.#at("hex");
    }
    return '"\\/bfnrt'.includes(character) && this.#at("string");
  }

  #inNumber(character: string): boolean {
    const next = numberPlace(this.#place, character);
    if (next !== undefined) return this.#at(next);
    if (!WHOLE_NUMBERS.has(this.#place)) return false;
    if (WHITESPACE.includes(character)) return this.#at("after-value");
    // The value ends with the character before.
    if (!this.#afterValue(character)) return false;
    this.#cut = this.#length;
    return true;
  }

  /** Ends the value that is under way, or stands in for the one that is missing. */
  #valueEnd(): string {
    if (BEGUN_NUMBERS.has(this.#place)) return "0";
    switch (this.#place) {
      case "string":
        return this.#isName ? '":null' : '"';
      case "escape":
        return this.#isName ? '\\":null' : '\\"';
      case "hex":
        return `${this.#rest}"${this.#isName ? ":null" : ""}`;
      case "literal":
        return this.#rest;
      case "colon":
        return ":null";
      case "value":
        return "null";
      case "name":
        return '"":null';
      default:
        return "";
    }
  }
}

function numberPlace(place: Place, character: string): Place | undefined {
  switch (place) {
    case "minus":
      if (character === "0") return "zero";
      return isDigit(character) ? "integer" : undefined;
    case "integer":
      if (isDigit(character)) return "integer";
      return afterInteger(character);
    case "zero":
      return afterInteger(character);
    case "dot":
    case "fraction":
      if (isDigit(character)) return "fraction";
      return place === "fraction" && isExponentMark(character) ? "exponent" : undefined;
    case "exponent":
      if (character === "+" || character === "-") return "exponent-sign";
      return isDigit(character) ? "exponent-digits" : undefined;
    default:
      return isDigit(character) ? "exponent-digits" : undefined;
  }
}

function afterInteger(character: string): Place | undefined {
  if (character === ".") return "dot";
  return isExponentMark(character) ? "exponent" : undefined;
}

function isExponentMark(character: string): boolean {
  return character === "e" || character === "E";
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** What closes these, the innermost first. */
function closersOf(open: readonly ("{" | "[")[]): string {
  return open
    .map((bracket) => (bracket === "{" ? "}" : "]"))
    .reverse()
    .join("");
}
