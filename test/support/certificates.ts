/** Certificates made on the spot by openssl, in a folder of the test's. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Certificate {
  /** PEM, of the key and of the self-signed certificate. */
  readonly key: string;
  readonly cert: string;
  /** Where the certificate lies, as `--ca` takes it. */
  readonly certPath: string;
}

/** A self-signed certificate for this name or address. */
export function makeCertificate(pathWithoutEnd: string, subjectAltName = 'IP:127.0.0.1,DNS:localhost'): Certificate {
  const keyPath = `${pathWithoutEnd}-key.pem`;
  const certPath = `${pathWithoutEnd}-cert.pem`;
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=plait test'];
  execFileSync('openssl', [...request, '-addext', `subjectAltName=${subjectAltName}`, '-keyout', keyPath, '-out', certPath], { stdio: 'ignore' });
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8'), certPath };
}
