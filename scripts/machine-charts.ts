/** Writes docs/machines.md and its drawings. Run it with: npm run charts */
import { writeFileSync } from 'node:fs';
import { machineDocs } from './machines-doc.ts';

for (const [path, text] of await machineDocs()) writeFileSync(path, text);
