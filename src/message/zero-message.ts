import { create, type DescMessage, type Message } from "@bufbuild/protobuf";

/** What a message of one type is made from. */
interface Template {
  readonly message: Message;
  /** The fields whose value is an object, which no two messages may share. */
  readonly lists: readonly string[];
  readonly oneofs: readonly string[];
}

const templates = new WeakMap<DescMessage, Template>();

/**
 * Makes a message of a type of the schema without anything set, as `create()` does. That asks the descriptor about each
 * field again, which takes longer than all else about building an audio frame; this copies what it answered once.
 */
export function zeroMessage(desc: DescMessage): Message {
  let template = templates.get(desc);
  if (template === undefined) {
    template = makeTemplate(desc);
    templates.set(desc, template);
  }
  const message: Message & Record<string, unknown> = { ...template.message };
  for (const name of template.lists) {
    message[name] = [];
  }
  for (const name of template.oneofs) {
    message[name] = { case: undefined };
  }
  return message;
}

function makeTemplate(desc: DescMessage): Template {
  return {
    message: create(desc),
    lists: desc.fields.filter(({ fieldKind }) => fieldKind === "list").map(({ localName }) => localName),
    oneofs: desc.oneofs.map(({ localName }) => localName),
  };
}
