import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate of its own for 127.0.0.1, with its key, in a folder; undefined where openssl is not here. */
export function makeCertificate(folder: string, name: string): CertificateFiles | undefined {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${name} -days 2 -addext subjectAltName=IP:127.0.0.1`
  try {
    execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', certificate], { stdio: 'ignore' })
    return { certificate, key }
  } catch {
    return undefined
  }
}
