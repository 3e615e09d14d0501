// `node contract.js OPENAPI TYPES`: make the types of the API from its own description. The file is left alone,
// its time too, where nothing has changed, so that nothing is built again for it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

import openapiTypescript, { astToString } from "openapi-typescript";

const [from, to] = process.argv.slice(2);
const types = astToString(await openapiTypescript(pathToFileURL(from), { defaultNonNullable: false }));
if (!existsSync(to) || readFileSync(to, "utf8") !== types) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, types);
}
