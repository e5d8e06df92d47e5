import { createScanner, type JSONScanner, type ScanError, type SyntaxKind } from "jsonc-parser";
import type { LimitName } from "../../base/over-limit.js";
import { Code, StatusError, show } from "../../base/status.js";
import { isWellFormed } from "../../message/well-formed.js";
import { type Elements, tooManyElementsText } from "../elements.js";
import { countDigits, type Json, JsonObject, MAX_DIGITS } from "./json.js";

/**
 * How deep arrays and objects may nest. A `Value` has 32 levels of its own; a typed one takes two objects on the wire,
 * and what stands around it a few more.
 */
const MAX_DEPTH = 80;

/** An object with more members than this has its keys in a set, so that looking for duplicates isn't quadratic. */
const FEW_MEMBERS = 8;

/** The kinds of token by their numbers: jsonc-parser's enumerations are `const`, which leaves nothing to import. */
const openBrace: SyntaxKind.OpenBraceToken = 1;
const closeBrace: SyntaxKind.CloseBraceToken = 2;
const openBracket: SyntaxKind.OpenBracketToken = 3;
const closeBracket: SyntaxKind.CloseBracketToken = 4;
const comma: SyntaxKind.CommaToken = 5;
const colon: SyntaxKind.ColonToken = 6;
const nullWord: SyntaxKind.NullKeyword = 7;
const trueWord: SyntaxKind.TrueKeyword = 8;
const falseWord: SyntaxKind.FalseKeyword = 9;
const stringLiteral: SyntaxKind.StringLiteral = 10;
const numericLiteral: SyntaxKind.NumericLiteral = 11;
const lineBreak: SyntaxKind.LineBreakTrivia = 14;
const space: SyntaxKind.Trivia = 15;
const unknown: SyntaxKind.Unknown = 16;
const endOfText: SyntaxKind.EOF = 17;
const noError: ScanError.None = 0;

/** What a text says, and why nobody should go by it. */
export interface ParsedJson {
  readonly value: Json;
  /** A key that occurs twice in an object, or text that isn't Unicode: it parses, but not to one meaning. */
  readonly problem: string | undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads JSON in UTF-8. Throws `UnreadableJson` for what isn't that, for nesting deeper than anything that could be
 * understood, for integers of more digits than Python reads, and for more values, objects and arrays than
 * `elements` allows. There they are counted.
 */
export function readJson(bytes: Uint8Array, elements?: Elements): ParsedJson {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new UnreadableJson("it isn't UTF-8");
  }
  const reader = new JsonReader(text, elements?.max);
  const parsed = reader.read();
  if (elements !== undefined) {
    elements.count += reader.elements;
  }
  return parsed;
}

/** What doesn't parse, nests deeper than anybody reads, or has more elements than are taken. */
export class UnreadableJson extends StatusError {
  constructor(reason: string, limit?: LimitName) {
    const code = limit === "maxElements" ? Code.RESOURCE_EXHAUSTED : Code.INVALID_ARGUMENT;
    super(code, `unreadable JSON: ${reason}`, {
      details: limit === undefined ? [] : [{ type: "errorInfo", reason: limit }],
    });
  }
}

/** Builds values of the tokens that the scanner finds. */
class JsonReader {
  readonly #scanner: JSONScanner;
  readonly #maxElements: number;
  /** How many values, objects and arrays have come. */
  elements = 0;
  #problem: string | undefined;

  constructor(text: string, maxElements = Number.POSITIVE_INFINITY) {
    this.#scanner = createScanner(text, false);
    this.#maxElements = maxElements;
  }

  read(): ParsedJson {
    const value = this.#value(this.#next(), 1);
    if (this.#next() !== endOfText) {
      throw this.#unexpected();
    }
    return { value, problem: this.#problem };
  }

  /** The next token that isn't white space. Comments, which the scanner knows, come out as tokens nobody expects. */
  #next(): SyntaxKind {
    let token: SyntaxKind;
    do {
      token = this.#scanner.scan();
    } while (token === space || token === lineBreak);
    if (this.#scanner.getTokenError() !== noError) {
      throw this.#unexpected();
    }
    return token;
  }

  #value(token: SyntaxKind, depth: number): Json {
    if (++this.elements > this.#maxElements) {
      throw new UnreadableJson(tooManyElementsText(this.#maxElements), "maxElements");
    }
    switch (token) {
      case openBrace:
        return this.#object(depth);
      case openBracket:
        return this.#array(depth);
      case stringLiteral:
        return this.#string();
      case numericLiteral:
        return this.#number();
      case nullWord:
        return null;
      case trueWord:
        return true;
      case falseWord:
        return false;
      case unknown:
        return this.#word();
      default:
        throw this.#unexpected();
    }
  }

  #object(depth: number): JsonObject {
    this.#checkDepth(depth);
    const entries: (readonly [string, Json])[] = [];
    let keys: Set<string> | undefined;
    let token = this.#next();
    if (token === closeBrace) {
      return new JsonObject(entries);
    }
    for (;;) {
      if (token !== stringLiteral) {
        throw this.#unexpected();
      }
      const key = this.#string();
      // With a letter before it no key reads as an integer: older V8 don't seed the hashes of those, so that a peer
      // could choose keys that all collide.
      if (entries.length === FEW_MEMBERS) {
        keys = new Set(entries.map(([name]) => `k${name}`));
      }
      if (keys === undefined ? entries.some(([name]) => name === key) : keys.has(`k${key}`)) {
        this.#problem ??= `the key ${show(key)} occurs twice`;
      }
      keys?.add(`k${key}`);
      if (this.#next() !== colon) {
        throw this.#unexpected();
      }
      entries.push([key, this.#value(this.#next(), depth + 1)]);
      token = this.#next();
      if (token === closeBrace) {
        return new JsonObject(entries);
      }
      if (token !== comma) {
        throw this.#unexpected();
      }
      token = this.#next();
    }
  }

  #array(depth: number): Json[] {
    this.#checkDepth(depth);
    const items: Json[] = [];
    let token = this.#next();
    if (token === closeBracket) {
      return items;
    }
    for (;;) {
      items.push(this.#value(token, depth + 1));
      token = this.#next();
      if (token === closeBracket) {
        return items;
      }
      if (token !== comma) {
        throw this.#unexpected();
      }
      token = this.#next();
    }
  }

  #string(): string {
    const text = this.#scanner.getTokenValue();
    if (!isWellFormed(text)) {
      this.#problem ??= `the text ${show(text)} holds a lone surrogate`;
    }
    return text;
  }

  #number(): bigint | number {
    const text = this.#scanner.getTokenValue();
    if (/[.eE]/.test(text)) {
      return Number(text);
    }
    if (countDigits(text) > MAX_DIGITS) {
      throw new UnreadableJson(`an integer has more than ${MAX_DIGITS} digits`);
    }
    return BigInt(text);
  }

  /** The numbers that JSON has no form for. The scanner takes a minus before a letter for a token of its own. */
  #word(): number {
    switch (this.#scanner.getTokenValue()) {
      case "NaN":
        return Number.NaN;
      case "Infinity":
        return Number.POSITIVE_INFINITY;
      case "-":
        if (this.#scanner.scan() === unknown && this.#scanner.getTokenValue() === "Infinity") {
          return Number.NEGATIVE_INFINITY;
        }
        throw this.#unexpected();
      default:
        throw this.#unexpected();
    }
  }

  #checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new UnreadableJson(`it nests more than ${MAX_DEPTH} levels deep`, "maxLevels");
    }
  }

  #unexpected(): UnreadableJson {
    const at = this.#scanner.getTokenOffset();
    return new UnreadableJson(
      this.#scanner.getToken() === endOfText ? "it ends too early" : `unexpected text at character ${at}`,
    );
  }
}
