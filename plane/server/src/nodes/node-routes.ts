import { Readable } from 'node:stream'
import { problemOf } from '@headgate/model'
import { type BetweenNodes, FILE_PATH, HOP_HEADER, MANIFEST_PATH, PROOF_PATH } from '@headgate/operations'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../native/answer-errors.ts'

/**
 * What nodes ask each other, which is no part of the API: who they are, and files of artifacts. To whoever is no node of
 * this database, there is nothing here.
 */
export function registerNodeRoutes(app: FastifyInstance, nodes: BetweenNodes): void {
  app.get(PROOF_PATH, (request, reply) => {
    const made = nodes.prove(request.query)
    return made === undefined ? notHere(request, reply) : reply.type('text/plain; charset=utf-8').send(made)
  })
  const forNodes = (path: string, find: (name: string) => Promise<Readable | string | undefined>) =>
    app.get<{ Params: Readonly<Record<string, string>> }>(path, async (request, reply) => {
      const [name = ''] = Object.values(request.params)
      const found = (await isFromNode(nodes, request)) ? await find(name) : undefined
      return found === undefined ? notHere(request, reply) : reply.type('application/octet-stream').send(found)
    })
  forNodes(FILE_PATH, async (hash) => {
    const bytes = await nodes.openFile(hash)
    return bytes && Readable.from(bytes, { objectMode: false })
  })
  forNodes(MANIFEST_PATH, (artifact) => nodes.manifest(artifact))
}

async function isFromNode(nodes: BetweenNodes, { headers, method, url }: FastifyRequest): Promise<boolean> {
  const written = headers[HOP_HEADER]
  return typeof written === 'string' && (await nodes.readHop(written, { method, url })) !== undefined
}

function notHere(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, problemOf('ROUTE_UNKNOWN', { method: request.method, path: request.url.split('?')[0] ?? '' }))
}
