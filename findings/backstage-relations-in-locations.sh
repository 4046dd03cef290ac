#!/usr/bin/env bash
# Guess: an entity that is valid by Backstage's published schema can be registered: the schema has `relations`, and the
# catalogue's own API gives each entity with them.
# Seen, @backstage/catalog-model 1.10.3: the schema policy takes it; NoForeignRootFieldsEntityPolicy, which stands before what
# is read from a location, refuses it with "Unknown field relations". What a catalogue gives cannot be fed to another as it is.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@backstage/catalog-model@1.10.3'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { FieldFormatEntityPolicy, NoForeignRootFieldsEntityPolicy, SchemaValidEntityPolicy } from '@backstage/catalog-model';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'hub', namespace: 'default' },
  spec: { type: 'service', lifecycle: 'production', owner: 'group:default/platform' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/platform' }],
};

async function told(policy) {
  try {
    await policy.enforce(entity);
    return 'taken';
  } catch (refused) {
    return refused.message;
  }
}

const { version } = JSON.parse(readFileSync('node_modules/@backstage/catalog-model/package.json'));
const schema = await told(new SchemaValidEntityPolicy());
const format = await told(new FieldFormatEntityPolicy());
const root = await told(new NoForeignRootFieldsEntityPolicy());
console.log(`@backstage/catalog-model ${version}: an entity with relations`);
console.log('guess: taken by all policies');
console.log(`seen:  schema: ${schema}; format: ${format}; root fields: ${root}`);
if (schema !== 'taken' || format !== 'taken' || !root.includes('Unknown field relations')) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
