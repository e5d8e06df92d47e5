import { type Guard, guardsOf } from "../guard.js";

const folder = "src/codec/pipecat/";
const inTests = (...names: readonly string[]) => names.map((name) => `test/codec/pipecat/${name}.test.ts`);

/** What a Pipecat peer could get past the codec at one place of a message, in one release, or by the size of it. */
export const pipecatWireGuards: readonly Guard[] = [
  ...guardsOf(`${folder}read-json.ts`, inTests("json"), [
    {
      find: "{ fatal: true, ignoreBOM: true }",
      replace: "{ fatal: false, ignoreBOM: true }",
      why: "bytes that are no text would be read as U+FFFD",
    },
    {
      find: "{ fatal: true, ignoreBOM: true }",
      replace: "{ fatal: true, ignoreBOM: false }",
      why: "a byte order mark would be passed over",
    },
    {
      find: "if (/[.eE]/.test(text)) {",
      replace: "if (/[.]/.test(text)) {",
      why: "1e3 would throw what is no status",
    },
  ]),
  ...guardsOf(`${folder}read-json.ts`, inTests("json-text"), [
    {
      find: "if (entries.length === FEW_MEMBERS) {",
      replace: "if (false) {",
      why: "looking for duplicate keys would be quadratic",
    },
    {
      find: 'if (this.#scanner.scan() === unknown && this.#scanner.getTokenValue() === "Infinity") {',
      replace: "if (this.#scanner.scan() === unknown) {",
      why: "-NaN would be read, which Python can't",
    },
    {
      find: `keys?.add(\`k\${key}\`);`,
      replace: `keys?.add(\`k\${key}\`).add(key);`,
      why: "a peer could choose keys that collide in a hash table",
    },
  ]),
  ...guardsOf(`${folder}json-codec.ts`, inTests("json-codec", "fields"), [
    {
      find: "if (!(error instanceof StatusError) || error instanceof UnreadableJson) {",
      replace: "if (!(error instanceof StatusError)) {",
      why: "a connection would stay open whatever depth it sends",
    },
    {
      find: "checkMessage(busMessageType, message);",
      replace: "",
      why: "what is no message of the schema would be written",
    },
    {
      find: 'if (typeof source !== "string") {',
      replace: "if (source === undefined) {",
      why: "a policy would be asked about a source that is no name",
    },
    {
      find: 'if (target !== undefined && typeof target !== "string") {',
      replace: "if (false) {",
      why: "a policy would be asked about a target that is no name",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, inTests("fields"), [
    {
      find: 'refuseExtra(extra, "message.extra");',
      replace: "",
      why: "unknown fields beside a message that is kept whole would be lost in silence",
    },
    {
      find: `refuseExtra(extra, \`\${path}.extra\`);`,
      replace: "",
      why: "unknown fields beside a frame that is kept whole would be lost in silence",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, inTests("losses"), [
    {
      find: "refuseUnknown(body.value, path);",
      replace: "",
      why: "fields of a newer peer would be lost in silence beside a message that is kept whole",
    },
    {
      find: `refuseUnknown(kind.value, \`\${path}.other\`);`,
      replace: "",
      why: "fields of a newer peer would be lost in silence beside a frame that is kept whole",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, inTests("releases"), [
    {
      find: "  rules.checkPeerHas(className);\n  const desc = oneofCase(busMessageType",
      replace: "  const desc = oneofCase(busMessageType",
      why: "a peer would be sent a message class that its release lacks",
    },
    {
      find: "  rules.checkPeerHas(className);\n}",
      replace: "}",
      why: "a peer would be sent a listed class that its release lacks",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, inTests("classes"), [
    {
      find: "if (className === undefined) {\n    const what",
      replace: "if (false) {\n    const what",
      why: "a case without a class would be written all the same",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, inTests("json-codec"), [
    {
      find: `  rules.checkKnown(className, \`\${path}.typeName\`);\n`,
      replace: "",
      why: "Python would import a class that nobody listed",
    },
  ]),
  ...guardsOf(`${folder}bus-message-from-json.ts`, inTests("fields", "releases", "classes"), [
    {
      find: "if (isSpecial(key)) {",
      replace: "if (false) {",
      why: "a class that is kept whole could have fields of which no other may be sent",
    },
    {
      find: "  rules.checkKnown(className, path);\n  rules.saw(className);",
      replace: "  rules.checkKnown(className, path);",
      why: "what a peer has sent couldn't go back",
    },
    {
      find: "  rules.saw(className);\n  return frame;",
      replace: "  return frame;",
      why: "a frame that a peer has sent couldn't go back",
    },
    {
      find: "  rules.saw(className);\n  return message;",
      replace: "  return message;",
      why: "a message that a peer has sent couldn't be sent by it",
    },
  ]),
  ...guardsOf(`${folder}message-from-json.ts`, inTests("releases", "places", "fields", "losses"), [
    {
      find: 'rules.sawTools("flat");',
      replace: "",
      why: "a peer that reads flat tools alone would be sent others",
    },
    {
      find: 'rules.sawTools("object");',
      replace: "",
      why: "a peer that doesn't read flat tools would be sent them",
    },
    {
      find: '(tools as unknown as Fields)["flat"] = true;',
      replace: "",
      why: "tools would come back in another form than they had",
    },
    {
      find: "firstLevel(depth + 1));\n  if (extra",
      replace: "1);\n  if (extra",
      why: "a message would be taken that can't be sent on",
    },
    {
      find: 'if (extra !== undefined && memberByName(desc, "extra") === undefined) {',
      replace: "if (false) {",
      why: "a message would be made that isn't of the schema",
    },
    {
      find: 'typeof json === "bigint" && isInt64(json)',
      replace: 'typeof json === "bigint"',
      why: "an integer would come in that has no room",
    },
    {
      find: 'typeof json === "bigint" && json === BigInt.asUintN(32, json)',
      replace: 'typeof json === "bigint"',
      why: "a number of samples would come in that has no room",
    },
    {
      find: 'typeof json === "string", json',
      replace: "true, json",
      why: "a number would come in where text belongs",
    },
    {
      find: 'typeof json === "boolean", json',
      replace: "true, json",
      why: "a number would come in where a yes or no belongs",
    },
    {
      find: "if (isNone(field, json)) {",
      replace: "if (false) {",
      why: "a null that means nothing would make a message invalid",
    },
  ]),
  ...guardsOf(`${folder}message-to-json.ts`, inTests("losses"), [
    {
      find: "  refuseUnknown(tools, path);\n",
      replace: "",
      why: "fields of a newer peer would be lost in silence with flat tools",
    },
    {
      find: " || (tools.extra?.entries.length ?? 0) > 0",
      replace: "",
      why: "unknown fields would be lost in silence with flat tools",
    },
  ]),
  ...guardsOf(`${folder}json-values.ts`, inTests("fields"), [
    {
      find: " || !BASE64.test(typed.data)",
      replace: "",
      why: "bytes would be read that Python never writes",
    },
  ]),
  ...guardsOf(`${folder}json-values.ts`, inTests("places"), [
    {
      find: "  rules.saw(typed.className);\n",
      replace: "",
      why: "a value's class that a peer has sent couldn't go back",
    },
  ]),
  ...guardsOf(`${folder}type-rules.ts`, inTests("releases", "places", "classes"), [
    {
      find: "return this.#tools ?? this.#toolsSeen ?? this.#toolsOfRelease();",
      replace: "return this.#toolsSeen ?? this.#tools ?? this.#toolsOfRelease();",
      why: "the form of tools that was asked for would be overruled",
    },
    {
      find: "return this.#tools ?? this.#toolsSeen ?? this.#toolsOfRelease();",
      replace: "return this.#tools ?? this.#toolsOfRelease() ?? this.#toolsSeen;",
      why: "a peer's own form of tools would be overruled by what was said of its release",
    },
    {
      find: "isOlder(this.#releaseShown ?? this.#pipecatVersion, toolsAreObjectsSince)",
      replace: "isOlder(this.#pipecatVersion, toolsAreObjectsSince)",
      why: "a peer whose release isn't told would be sent tools that it fails to read",
    },
    {
      find: 'if (this.dialect === "pipecat-subagents") {\n      return "flat";\n    }\n',
      replace: "",
      why: "pipecat-ai-subagents would be sent tools that it fails to read",
    },
    {
      find: "? !this.#strangers.has(className) :",
      replace: "? true :",
      why: "a message of one dialect would pass for one of the other",
    },
    {
      find: "!isOlder(this.#pipecatVersion, since) ||",
      replace: "false ||",
      why: "a peer would never be sent what its release has",
    },
    {
      find: "||\n      this.#seen.has(className)",
      replace: "",
      why: "what a peer has sent couldn't go back",
    },
  ]),
];
