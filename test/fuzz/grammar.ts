import { concat, varint } from "../support/arbitrary-bytes.js";
import { fieldsOf, type RawField, Unreadable } from "../support/reference-reader.js";
import type { RandomSource } from "./random-source.js";

/** A field of a message, with the fields in it where what it holds could be a message. */
interface Node {
  number: number;
  wireType: number;
  content: Uint8Array;
  readonly fields: Node[] | undefined;
  /** What is added to its length, which is then a lie that the fields around it know nothing of. */
  lie: number;
  /** How many bytes its tag takes at least. */
  width: number;
}

/** The parts of a message that a mutation picks from. */
interface Tree {
  readonly nodes: readonly Node[];
  /** The lists that the nodes are in: that of the message first. */
  readonly lists: readonly Node[][];
}

type Mutation = (tree: Tree, random: RandomSource) => void;

/** Deeper than this nothing is taken apart. */
const maxDepth = 12;

/**
 * Changes bytes in Protocol Buffers where they have parts: fields that come twice, or elsewhere, or are of another type, and
 * lengths that lie. All lengths around what is changed are made right again, so that readers get as far as that. Bytes that
 * aren't fields stay as they are.
 */
export function mutateFields(input: Uint8Array, random: RandomSource): Uint8Array {
  const root = parsed(input, 0);
  if (root === undefined || root.length === 0) {
    return input;
  }
  for (let left = random.chance(0.7) ? 1 : 3; left > 0; left--) {
    const tree = treeOf(root);
    if (tree.nodes.length > 0) {
      random.pick(mutations)(tree, random);
    }
  }
  return written(root);
}

const mutations: readonly Mutation[] = [
  /** Says a field again, behind it or as the last one; or a field of another message, or the one beside it first. */
  (tree, random) => {
    const [list, at] = place(tree, random);
    list.splice(random.chance(0.5) ? at : list.length, 0, copied(list[at] as Node));
  },
  (tree, random) => {
    const [list, at] = place(tree, random);
    list.splice(at, 0, copied(random.pick(tree.nodes)));
  },
  (tree, random) => {
    const [list, at] = place(tree, random);
    list.push(...list.splice(at, 1));
  },
  (tree, random) => {
    const [list, at] = place(tree, random);
    list.splice(at, 1);
  },
  /** Says a field again that holds something else. */
  (tree, random) => {
    const [list, at] = place(tree, random);
    const again = copied(list[at] as Node);
    list.push({ ...again, content: copied(random.pick(tree.nodes)).content, fields: undefined });
  },
  /** Has a length reach further, or less far: as a rule over or up to the fields that are next to it. */
  (tree, random) => {
    random.pick(tree.nodes).lie = 1 + random.below(random.chance(0.5) ? 4 : 40);
  },
  (tree, random) => {
    random.pick(tree.nodes).lie = -1 - random.below(4);
  },
  /** Puts a field that nobody knows behind another, and has the length of what ends there, at any depth, reach over it. */
  (tree, random) => {
    const [list, at] = place(tree, random);
    const stray: Node = { number: 1_000, wireType: 2, content: random.bytes(2), fields: undefined, lie: 0, width: 1 };
    let last = list[at] as Node;
    list.splice(at + 1, 0, stray);
    while (last.fields !== undefined && last.fields.length > 0 && random.chance(0.7)) {
      last = last.fields.at(-1) as Node;
    }
    last.lie = written([stray]).length;
  },
  /** Another number, type or width of the tag. */
  (tree, random) => {
    random.pick(tree.nodes).number = random.chance(0.7) ? 1 + random.below(20) : random.below(1_100);
  },
  (tree, random) => {
    random.pick(tree.nodes).wireType = random.below(8);
  },
  (tree, random) => {
    const node = random.pick(tree.nodes);
    const [to, content] = random.pick([
      [0, varint(random.below(300))],
      [1, random.bytes(8)],
      [2, random.bytes(random.below(4))],
      [5, random.bytes(4)],
    ] as const);
    Object.assign(node, { wireType: to, content, fields: undefined });
  },
  (tree, random) => {
    random.pick(tree.nodes).width = 2 + random.below(5);
  },
  /** A number whose last byte says that there is one more. */
  (tree, random) => {
    const numbers = tree.nodes.filter(({ wireType }) => wireType === 0);
    if (numbers.length > 0) {
      const node = random.pick(numbers);
      node.content = node.content.map((byte) => byte | 0x80);
    }
  },
];

function parsed(bytes: Uint8Array, depth: number): Node[] | undefined {
  let fields: readonly RawField[];
  try {
    fields = fieldsOf(bytes);
  } catch (error) {
    if (error instanceof Unreadable) {
      return undefined;
    }
    throw error;
  }
  return fields.map(({ number, wireType, content }) => ({
    number,
    wireType,
    content,
    fields: wireType === 2 && content.length > 0 && depth < maxDepth ? parsed(content, depth + 1) : undefined,
    lie: 0,
    width: 1,
  }));
}

function written(fields: readonly Node[]): Uint8Array {
  return concat(
    ...fields.map((node) => {
      const content = node.fields === undefined ? node.content : written(node.fields);
      const tag = varint(node.number * 8 + node.wireType, node.width);
      return node.wireType === 2
        ? concat(tag, varint(Math.max(0, content.length + node.lie)), content)
        : concat(tag, content);
    }),
  );
}

function treeOf(root: Node[]): Tree {
  const lists: Node[][] = [root];
  const nodes: Node[] = [];
  for (const list of lists) {
    for (const node of list) {
      nodes.push(node);
      if (node.fields !== undefined) {
        lists.push(node.fields);
      }
    }
  }
  return { nodes, lists };
}

/** A field by the list that it is in. The outermost are few, and matter more than most. */
function place({ lists }: Tree, random: RandomSource): readonly [Node[], number] {
  const filled = lists.filter(({ length }) => length > 0);
  const list = random.chance(0.3) && filled.includes(lists[0] as Node[]) ? (lists[0] as Node[]) : random.pick(filled);
  return [list, random.below(list.length)];
}

function copied(node: Node): Node {
  return { ...node, fields: node.fields?.map(copied) };
}
