const UNREACHABLE = 'There is no way to that address from here: a wrong `url`, or the network.'
const NO_CONNECTION =
  'No connection in time (`timeouts.connect`): a wrong `url`, or a firewall that drops what it does not know.'
const UNTRUSTED =
  'Its certificate is signed by nobody known here. Name its CA, or the self-signed certificate itself, in `tls.ca`.'
const NO_TLS =
  'What answers there speaks no TLS: write `http://` in `url`, or the port that is meant for `https://`.'
const BROKE_OFF =
  'It ended the connection before its answer was complete: its own log says why. A port that speaks TLS does so where `url` says `http://`.'
const ASKS_CERTIFICATE = 'It wants a client certificate: `tls.cert` and `tls.key`.'

/**
 * What the code of an error on the way to an upstream most often means, and what to change: one or two sentences with
 * the policy's keys in backticks. None for codes that are rare. The codes are those of Node (errors.html, tls.html
 * "X509 certificate error codes"), OpenSSL, undici's connector and the gateway's own.
 */
export const FAILURE_SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens there: is it running, and is the port in `url` the right one?'],
  ['ENOTFOUND', 'DNS knows no such name: is the host in `url` spelt as it is called there?'],
  ['EAI_AGAIN', 'DNS gave no answer for the host in `url`.'],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ETIMEDOUT', NO_CONNECTION],
  ['UND_ERR_CONNECT_TIMEOUT', NO_CONNECTION],
  ['ECONNRESET', BROKE_OFF],
  ['EPIPE', BROKE_OFF],
  ['ERR_CONNECTION_CLOSED', BROKE_OFF],
  ['ERR_HEADERS_TIMEOUT', 'It took the request and did not answer in time (`timeouts.headers`).'],
  [
    'ERR_MALFORMED_RESPONSE',
    'What it answered is no HTTP/1.1 that can be passed on: the log says why (`upstream.failed`, `detail`).',
  ],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Its certificate is for another name than the host in `url`: write the name that it has in `tls.serverName`.',
  ],
  ['CERT_HAS_EXPIRED', 'Its certificate has expired: it needs a new one.'],
  ['CERT_NOT_YET_VALID', 'Its certificate is not valid yet: is the clock right, here and there?'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', NO_TLS],
  ['EPROTO', NO_TLS],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', NO_TLS],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', ASKS_CERTIFICATE],
  [
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'It agreed to no TLS version or cipher, or wants a client certificate (`tls.cert`, `tls.key`).',
  ],
])
