#!/bin/sh
# Makes NAME/NAME.schema.json of NAME/types.ts and the types of an installed SDK: `make.sh google @google/genai`,
# `make.sh anthropic @anthropic-ai/sdk`. The generator needs an older TypeScript than the project has, so it is installed
# in a folder of its own and not kept.
set -eu
name=$1
package=$2
here=$(cd "$(dirname "$0")/$name" && pwd)
root=$(cd "$here/../../.." && pwd)
version=$(node -p "require('$root/package.json').devDependencies['$package']")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here/types.ts" "$folder/types.ts"
cd "$folder"
echo '{"private":true}' > package.json
echo '{"compilerOptions":{"strict":true,"module":"nodenext","moduleResolution":"nodenext","skipLibCheck":true,"types":[]},"files":["types.ts"]}' > tsconfig.json
npm install --ignore-scripts --silent ts-json-schema-generator@2.10.0 typescript@6 "$package@$version"
npx ts-json-schema-generator --path types.ts --tsconfig tsconfig.json --no-type-check > whole.json
node -e '
const drop = (value, isNames) => {
  if (Array.isArray(value)) return value.map((one) => drop(one));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => isNames || name !== "description");
  return Object.fromEntries(kept.map(([name, one]) => [name, drop(one, !isNames && (name === "properties" || name === "definitions"))]));
};
console.log(JSON.stringify(drop(JSON.parse(require("node:fs").readFileSync("whole.json", "utf8"))), null, 2));
' > "$here/$name.schema.json"
cd "$root"
node_modules/.bin/biome format --write "$here/$name.schema.json"
