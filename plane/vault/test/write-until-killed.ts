/** Writes changes without end and prints the name of each once it is acknowledged. Killed by the durability test. */
import { Secret } from '@headgate/model'
import { insert } from '@headgate/store'
import { auditOf, by, dev, openPlace, organisation, owner } from './sealed-folder.ts'

const [folder = '', keyFile = '', round = ''] = process.argv.slice(2)
const address = process.env['HEADGATE_DATABASE']
const sealed = await openPlace({ root: '', folder, keyFile, ...(address === undefined ? {} : { address: new Secret(address) }) })

async function write(worker: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const name = `p-${round}-${worker}-${n}`
    const writes = [
      insert('projects', { organisation, name, created_at: by.time }),
      insert('tags', { environment: dev, name, revision: 1, author: owner, moved_at: by.time }),
    ]
    const result = await sealed.changes.commit({ expect: [], writes, audit: auditOf('test.write', { name }) })
    if (result.ok) process.stdout.write(`${name}\n`)
  }
}

await Promise.all([1, 2, 3, 4].map(write))
