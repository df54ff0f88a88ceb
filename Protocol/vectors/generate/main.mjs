// Writes the vector files into the folder above. usage: node main.mjs <lines of yrs.py>
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { hand } from './hand.mjs'
import { histories, yrsAuthored } from './histories.mjs'
import { positionCases } from './positions.mjs'
import { authoring, malformed, primitives, protocol } from './small.mjs'
import { undo } from './undo.mjs'
import { xml } from './xml.mjs'

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const yrsLines = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n')
const files = {
  hand: hand(),
  histories: histories(),
  'yrs-authored': yrsAuthored(yrsLines),
  authoring: authoring(),
  xml: xml(),
  protocol: protocol(),
  primitives: primitives(),
  positions: positionCases(),
  undo: undo(),
  malformed: malformed()
}

for (const [name, cases] of Object.entries(files)) {
  const lines = [...cases].map(each => JSON.stringify(each))
  fs.writeFileSync(path.join(folder, `${name}.jsonl`), lines.join('\n') + '\n')
  console.log(`${name}.jsonl: ${lines.length} cases`)
}
