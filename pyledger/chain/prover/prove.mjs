// Reads one question as JSON from its input and answers in JSON. Secrets come in here and nowhere else: not as arguments,
// not in the environment. Proving keys are files of an installed package; nothing is fetched.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Group } from "@semaphore-protocol/group";
import { Identity } from "@semaphore-protocol/identity";
import { generateProof } from "@semaphore-protocol/proof";

const asked = JSON.parse(readFileSync(0, "utf8"));
const identity = new Identity(Buffer.from(asked.secret, "hex"));

async function prove(members, message, scope) {
  const group = new Group(members.map(BigInt));
  const place = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));
  const file = (kind) => join(place, `semaphore-${group.depth}.${kind}`);
  const keys = { wasm: file("wasm"), zkey: file("zkey") };
  const proof = await generateProof(identity, group, BigInt(message), BigInt(scope), group.depth, keys);
  return { root: proof.merkleTreeRoot, nullifier: proof.nullifier, points: proof.points };
}

const answer = { commitment: identity.commitment.toString() };
if (asked.members) Object.assign(answer, await prove(asked.members, asked.message, asked.scope));
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
