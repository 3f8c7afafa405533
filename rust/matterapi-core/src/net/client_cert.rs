//! The client's own certificate, for servers that ask for one.

use std::fs;
use std::path::Path;

use pkcs8::{EncryptedPrivateKeyInfo, SecretDocument};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::{Error, ErrorKind};
use crate::options::Cert;

const ENCRYPTED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// In keys that OpenSSL encrypted in its own old form.
const OLD_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate, with the ones that lead to the authority, and its key.
///
/// # Errors
/// [`ErrorKind::Config`] for files that cannot be read, hold no certificate or key, or an encrypted key
/// whose password is missing or wrong.
pub(super) fn load(cert: &Cert) -> Result<Loaded, Error> {
    let chain = CertificateDer::pem_slice_iter(&read(&cert.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| problem(&cert.certificate, &format!("not valid PEM ({e})")))?;
    if chain.is_empty() {
        return Err(problem(&cert.certificate, "there is no certificate"));
    }
    Ok((chain, load_key(cert)?))
}

fn load_key(cert: &Cert) -> Result<PrivateKeyDer<'static>, Error> {
    let pem = read(&cert.key)?;
    let text = String::from_utf8_lossy(&pem);
    if let Some((_, rest)) = text.split_once(ENCRYPTED_BEGIN) {
        let body = rest.split_once(ENCRYPTED_END).map_or(rest, |(body, _)| body);
        return decrypt(cert, &format!("{ENCRYPTED_BEGIN}{body}{ENCRYPTED_END}\n"));
    }
    if text.contains(OLD_ENCRYPTED) {
        return Err(problem(
            &cert.key,
            "the key is encrypted in a form that is not read; convert it with openssl pkcs8 -topk8",
        ));
    }
    PrivateKeyDer::from_pem_slice(&pem).map_err(|e| problem(&cert.key, &format!("there is no key ({e})")))
}

fn decrypt(cert: &Cert, pem: &str) -> Result<PrivateKeyDer<'static>, Error> {
    let Some(password) = &cert.password else {
        return Err(problem(&cert.key, "the key is encrypted; give its password as the third value"));
    };
    let (_, document) =
        SecretDocument::from_pem(pem).map_err(|e| problem(&cert.key, &format!("not valid PEM ({e})")))?;
    let key = EncryptedPrivateKeyInfo::try_from(document.as_bytes())
        .and_then(|info| info.decrypt(password.expose()))
        .map_err(|e| problem(&cert.key, &format!("the key cannot be decrypted with this password ({e})")))?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| problem(path, &format!("cannot be read ({e})")))
}

fn problem(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("cert: {what}: {}", path.display()))
}
