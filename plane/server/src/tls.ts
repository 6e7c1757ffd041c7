import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { type SecureContextOptions, createSecureContext } from 'node:tls'
import { HeadgateError } from '@headgate/model'
import type { Logger } from 'pino'

/** A certificate with its chain, and the key to it, as PEM files. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** How often the files are looked at, in milliseconds. */
const LOOK_EVERY = 2_000

/** @throws SETTING_INVALID where the files cannot be read, or do not belong together */
export function readTls(files: TlsFiles): SecureContextOptions {
  const options = {
    cert: readPem('tls-certificate', files.certificate),
    key: readPem('tls-key', files.key),
    minVersion: 'TLSv1.2' as const,
  }
  try {
    createSecureContext(options)
  } catch (cause) {
    // What OpenSSL says of a key names its kind and never its bytes.
    throw new HeadgateError(
      'SETTING_INVALID',
      { setting: 'tls-key', reason: (cause as NodeJS.ErrnoException).code ?? 'it does not fit' },
      { cause },
    )
  }
  return options
}

function readPem(setting: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new HeadgateError(
      'SETTING_INVALID',
      { setting, reason: `${file}: ${(cause as NodeJS.ErrnoException).code ?? 'unreadable'}` },
      { cause },
    )
  }
}

/**
 * Takes a renewed certificate over for new connections. Files that do not belong together, as in the moment between the
 * writing of one and the other, leave the old ones in use.
 *
 * @returns ends the looking
 */
export function reloadTls(files: TlsFiles, take: (options: SecureContextOptions) => void, log: Logger): () => void {
  const look = (): void => {
    try {
      take(readTls(files))
      log.info('the certificate was renewed')
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      log.error({ reason }, 'the renewed certificate cannot be used; the old one stays')
    }
  }
  const watched = [files.certificate, files.key]
  for (const file of watched) watchFile(file, { interval: LOOK_EVERY, persistent: false }, look)
  return () => {
    for (const file of watched) unwatchFile(file, look)
  }
}
