/** Writes `key.pem` and a self-signed `certificate.pem` for localhost to a folder. */
export function writeCertificate(folder: string): void;
