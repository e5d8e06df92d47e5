import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { show } from "../base/status.js";
import { integerRanges, isFloat, scalarRule } from "./field-rules.js";
import { caseByName, memberByName } from "./look-up.js";
import { invalidAt, type Path } from "./path.js";
import { scalarProblem } from "./scalar-problem.js";
import { isWellFormed } from "./well-formed.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * How many messages may stand within each other, the outermost included: protobuf-es reads no more. Python's decoder doesn't
 * either, and counts the entries of maps, so that they count here too.
 */
const MAX_DEPTH = 100;

/**
 * Checks what a message of a user's own is to be made of: any fields of its type, or a message. protobuf-es's `create()`
 * takes what it finds under the names that it knows and passes over all else, so that what is misspelt would be gone
 * without a word; and what it writes of a value of another type says nothing of where that was, or is something else.
 *
 * Throws INVALID_ARGUMENT, with a path in the names of TypeScript that begins with `path`, for what is no object, names
 * that the type doesn't have, values of a wrong type or out of range, text with lone surrogates, keys of maps that can't
 * be read, and what nests too deep to be decoded. What has to be set, and isn't, it doesn't look for.
 */
export function checkInit(schema: DescMessage, init: unknown, path: Path | string, depth = 1): void {
  if (depth > MAX_DEPTH) {
    throw tooDeep(path, init);
  }
  // Dates, maps and bytes have no fields: an empty message would be made of each.
  if (!isFields(init) || (init["$typeName"] !== undefined && init["$typeName"] !== schema.typeName)) {
    throw invalidAt(path, init, `must be an object with the fields of ${schema.typeName}`);
  }
  for (const key of Object.keys(init)) {
    const value = init[key];
    // Both stand for what isn't set, as for create().
    if (value === undefined || value === null || key === "$typeName" || key === "$unknown") {
      continue;
    }
    const member = memberByName(schema, key) as DescField | DescOneof | undefined;
    const here = { parent: path, key };
    if (member === undefined) {
      throw invalidAt(here, value, `${schema.typeName} has no field ${show(key)}${remedy(schema, key)}`);
    }
    if (member.kind === "field") {
      checkField(member, value, here, depth);
    } else {
      checkOneof(member, value, here, depth);
    }
  }
}

/** How a field is given that was meant, but isn't called so here. */
function remedy(schema: DescMessage, key: string): string {
  const field = schema.fields.find(({ name, localName }) => name === key || localName === key);
  if (field === undefined) {
    return "";
  }
  const { localName, oneof } = field;
  return oneof === undefined
    ? `: its name here is ${localName}`
    : `: it is given as ${oneof.localName}: { case: ${show(localName)}, value }`;
}

function checkOneof(oneof: DescOneof, chosen: unknown, path: Path, depth: number): void {
  if (!isFields(chosen)) {
    throw invalidAt(path, chosen, "must be an object with case and value");
  }
  if (chosen["case"] === undefined) {
    return;
  }
  const field = caseByName(oneof, chosen["case"]) as DescField | undefined;
  if (field === undefined) {
    const rule = `must be a case of ${oneof.parent.typeName}.${oneof.name}`;
    throw invalidAt({ parent: path, key: "case" }, chosen["case"], rule);
  }
  checkField(field, chosen["value"], { parent: path, key: "value" }, depth);
}

function checkField(field: DescField, value: unknown, path: Path, depth: number): void {
  if (field.fieldKind === "list") {
    if (!Array.isArray(value)) {
      throw invalidAt(path, value, "must be an array");
    }
    for (let key = 0; key < value.length; key++) {
      checkItem(field, value[key], path, key, depth);
    }
  } else if (field.fieldKind === "map") {
    if (!isFields(value)) {
      throw invalidAt(path, value, "must be a plain object");
    }
    for (const key of Object.keys(value)) {
      const problem = keyProblem(field.mapKey, key);
      if (problem !== undefined) {
        throw invalidAt({ parent: path, key }, key, problem);
      }
      checkItem(field, value[key], path, key, depth + 1);
    }
  } else {
    checkItem(field, value, path.parent, path.key, depth);
  }
}

/** Checks the content of a field, or one item of a list or a map. Only what is wrong costs a path, or has parts. */
function checkItem(field: DescField, value: unknown, parent: Path | string, key: string | number, depth: number): void {
  const { message } = field;
  if (message === undefined) {
    const problem = contentProblem(field, field.scalar, value);
    if (problem !== undefined) {
      throw invalidAt({ parent, key }, value, problem);
    }
  } else if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
    const [wrapped] = message.fields;
    const problem = wrapped === undefined ? undefined : contentProblem(wrapped, wrapped.scalar, value);
    if (problem !== undefined) {
      throw invalidAt({ parent, key }, value, problem);
    }
  } else if (isJsonObject(field, message)) {
    if (!isFields(value)) {
      throw invalidAt({ parent, key }, value, "must be a plain object");
    }
    // The object itself is a Struct without the Value around it that those within have.
    checkJson(value, { parent, key }, depth);
  } else {
    checkInit(message, value, { parent, key }, depth + 1);
  }
}

/** Whether a field holds plain JSON instead of a message. */
function isJsonObject(field: DescField, message: DescMessage): boolean {
  return message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value";
}

/** What is wrong with a scalar or a value of an enumeration, if anything. */
function contentProblem(field: DescField, type: ScalarType | undefined, value: unknown): string | undefined {
  if (type === undefined) {
    const isNumber = scalarProblem(ScalarType.INT32, value) === undefined;
    const isKnown = field.enum?.open === true || field.enum?.value[value as number] !== undefined;
    return isNumber && isKnown ? undefined : `must be a value of ${field.enum?.typeName}`;
  }
  const range = integerRanges[type];
  if (range !== undefined && range[1] > 2n ** 32n) {
    // Where the schema says so it is text, and protobuf-es takes either.
    const integer = integerOf(value);
    return integer !== undefined && integer >= range[0] && integer <= range[1]
      ? undefined
      : `must be a bigint, ${scalarRule(type)}`;
  }
  return type === ScalarType.FLOAT && typeof value === "number" && !isFloat(value)
    ? `must be ${scalarRule(type)}`
    : scalarProblem(type, value);
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") {
    return value;
  }
  return Number.isSafeInteger(value) || (typeof value === "string" && isInteger(value))
    ? BigInt(value as number | string)
    : undefined;
}

function isInteger(text: string): boolean {
  return /^-?\d{1,20}$/.test(text);
}

/** What is wrong with a key of a map, if anything. */
function keyProblem(type: ScalarType, key: string): string | undefined {
  if (key === "__proto__") {
    return "must not be a key: a map in JavaScript would lose it";
  }
  switch (type) {
    case ScalarType.STRING:
      return isWellFormed(key) ? undefined : "must hold no lone surrogate";
    case ScalarType.BOOL:
      return key === "true" || key === "false" ? undefined : 'the key must be "true" or "false"';
    default: {
      const [min, max] = integerRanges[type] ?? [0n, 0n];
      return isInteger(key) && BigInt(key) >= min && BigInt(key) <= max
        ? undefined
        : `the key must be ${scalarRule(type)}`;
    }
  }
}

/** Checks what stands for a `google.protobuf.Struct` in a field. Of a value in it, `depth` is how deep its message stands. */
function checkJson(value: unknown, path: Path | string, depth: number): void {
  const isObject = typeof value === "object" && value !== null;
  if ((isObject ? depth + 1 : depth) > MAX_DEPTH) {
    throw tooDeep(path, value);
  }
  if (typeof value === "string" && !isWellFormed(value)) {
    throw invalidAt(path, value, "must hold no lone surrogate");
  }
  if (!isObject) {
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    const here = { parent: path, key: Array.isArray(value) ? Number(key) : key };
    const problem = keyProblem(ScalarType.STRING, key);
    if (problem !== undefined) {
      throw invalidAt(here, key, problem);
    }
    // Within an object there is an entry around the value.
    checkJson(member, here, depth + (Array.isArray(value) ? 2 : 3));
  }
}

/** Whether something may have fields: an object of a literal or of a class, but none of the language's own. */
function isFields(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Says so of the whole: nobody reads a path of a hundred names. */
function tooDeep(path: Path | string, value: unknown): Error {
  let whole = path;
  while (typeof whole !== "string") {
    whole = whole.parent;
  }
  return invalidAt(whole, value, `its messages must be nested at most ${MAX_DEPTH} deep`);
}
