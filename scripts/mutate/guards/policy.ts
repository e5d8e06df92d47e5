import { type Guard, guardsOf } from "../guard.js";

/** Who may send what to whom over a bridge. */
export const policyGuards: readonly Guard[] = guardsOf(
  "src/proxy/policy.ts",
  ["test/proxy/policy.test.ts"],
  [
    {
      find: "if (message.source !== this.#localAgentName || !bodyTraits[body.case].untargeted) {",
      replace: "if (!bodyTraits[body.case].untargeted) {",
      why: "frames for all from any agent on the bus would go out",
    },
    {
      find: "if (message.source !== this.#localAgentName || !bodyTraits[body.case].untargeted) {",
      replace: "if (message.source !== this.#localAgentName) {",
      why: "broadcasts that don't travel untargeted would go out",
    },
    {
      find: "} else if (message.target !== this.#remoteAgentName) {",
      replace: "} else if (false) {",
      why: "messages for other agents of the bus would go out",
    },
    {
      find: "} else if (message.source !== this.#localAgentName) {",
      replace: "} else if (false) {",
      why: "any agent on the bus could send to the remote agent",
    },
    {
      find: 'if (body.case === undefined) {\n      return "ignore";\n    }',
      replace: "",
      why: "a message without a body would throw where the bus delivers",
    },
    {
      find: "return this.#content(describeMessage(message), true);",
      replace: 'return "allow";',
      why: "everything from the local agent for the remote one would go out",
    },
    {
      find: 'if (bodyTraits[message.case].forwarding === "announcement") {',
      replace: "if (false) {",
      why: "announcements would not reach the proxy",
    },
    {
      find: "if (message.source !== this.#remoteAgentName) {",
      replace: "if (false) {",
      why: "the peer could speak for any agent",
    },
    {
      find: "message.target === undefined ? !bodyTraits[message.case].untargeted : message.target !== this.#localAgentName",
      replace: "message.target === undefined && !bodyTraits[message.case].untargeted",
      why: "the peer could reach any agent of the bus",
    },
    {
      find: "message.target === undefined ? !bodyTraits[message.case].untargeted : message.target !== this.#localAgentName",
      replace: "message.target !== undefined && message.target !== this.#localAgentName",
      why: "the peer could broadcast cases that don't travel untargeted",
    },
    {
      find: "return this.#content(message, false);",
      replace: 'return "allow";',
      why: "everything from the remote agent for the local one would come in",
    },
    {
      find: 'return kind !== undefined && this.#kinds.has(kind) ? "allow" : "kind";',
      replace: 'return "allow";',
      why: "frames of kinds that aren't listed would cross",
    },
    {
      find: 'if (body === "other" || kind === "other") {',
      replace: 'if (kind === "other") {\n return "allow";\n }\n if (body === "other") {',
      why: "frames of Python classes that aren't listed would cross",
    },
    {
      find: 'return this.customTypes.has(typeName) ? "allow" : "type";',
      replace: 'return "allow";',
      why: "messages of the application's that aren't listed would cross",
    },
    {
      find: 'return this.customTypes.has(typeName) ? "allow" : "type";',
      replace: 'return this.pythonTypes.has(typeName) ? "allow" : "type";',
      why: "a Python class would stand for a message of the application's with the same name",
    },
    {
      find: 'if (body === "other" || kind === "other") {',
      replace: 'if (body === "other") {\n return "allow";\n }\n if (kind === "other") {',
      why: "messages of Python classes that aren't listed would cross",
    },
    {
      find: "if (this.#forwardActivation && bodyTraits",
      replace: "if (bodyTraits",
      why: "activation would cross although it is switched off",
    },
    {
      find: 'return this.#isClient === outbound ? "allow" : "direction";',
      replace: 'return "allow";',
      why: "the server could activate agents of the client",
    },
    {
      find: 'return this.#isClient === outbound ? "allow" : "direction";',
      replace: 'return this.#isClient !== outbound ? "allow" : "direction";',
      why: "activation would cross the wrong way",
    },
    {
      find: 'return this.#cases.has(body) ? "allow" : "case";',
      replace: 'return "allow";',
      why: "cases that aren't listed would cross, end and cancel among them",
    },
    {
      find: 'kind !== "other" && !frameTraits[kind].lifecycle',
      replace: 'kind !== "other"',
      why: '"frame" would let kinds across that start and end things',
    },
    {
      find: "if (!isForwardableCase(entry)) {",
      replace: "if (false) {",
      why: "any case could be listed, and a typo would go unnoticed",
    },
    {
      find: "if (!Object.hasOwn(frameTraits, entry.frameKind)) {",
      replace: "if (false) {",
      why: "a made-up kind would be taken for an entry",
    },
    {
      find: "checkTypeName(field, entry.typeName);\n        pythonTypes.add",
      replace: "pythonTypes.add",
      why: "a made-up Python type without a name would be taken for an entry",
    },
    {
      find: 'checkTypeName(field, entry.typeName);\n        if (entry.typeName.startsWith("crossbus.v1.")) {',
      replace: 'if (entry.typeName?.startsWith("crossbus.v1.")) {',
      why: "a made-up schema without a name would be taken for an entry",
    },
    {
      find: 'typeof typeName !== "string" || typeName === ""',
      replace: 'typeof typeName !== "string"',
      why: "an empty type name would be taken for an entry, which what has none would match",
    },
    {
      find: 'if (entry.typeName.startsWith("crossbus.v1.")) {',
      replace: "if (false) {",
      why: "a schema of ours would be taken for an application's",
    },
    {
      find: "default:\n        throw invalidArgument(field, entry, entryRule);",
      replace: "default:\n        break;",
      why: "what is no entry would go unnoticed",
    },
    {
      find: "if (!Array.isArray(entries)) {",
      replace: "if (false) {",
      why: "what is no list of entries would be taken for one",
    },
    {
      find: 'if (typeof forwardActivation !== "boolean") {',
      replace: "if (false) {",
      why: 'forwardActivation: "false" would switch activation on',
    },
    {
      find: "checkAgentName(localOption, localAgentName);",
      replace: "",
      why: "a bad name of the local agent would be taken",
    },
    {
      find: 'checkAgentName("remoteAgentName", remoteAgentName);',
      replace: "",
      why: "a bad name of the remote agent would be taken",
    },
    {
      find: "if (localAgentName === remoteAgentName) {",
      replace: "if (false) {",
      why: "both agents could have the same name",
    },
    {
      find: 'typeName = content?.case === "other" ? content.value.typeName : undefined;',
      replace: "typeName = undefined;",
      why: "the class of a frame that goes out would not be looked at",
    },
    {
      find: 'typeName = customTypeName(body.value.message?.typeUrl ?? "");',
      replace: 'typeName = body.value.message?.typeUrl.split("/").pop();',
      why: "a type under another host would go out as the application's",
    },
  ],
);
