//! The client's own certificate, for servers that ask for one.

use std::fs;
use std::path::{Path, PathBuf};

use pkcs8::{EncryptedPrivateKeyInfo, SecretDocument};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::Secret;
use crate::error::{Error, Kind};

const ENCRYPTED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// In keys that OpenSSL encrypted in its own old form.
const OLD_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// Where certificate and key are (PEM); both may be in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// File with the certificate and the ones that lead to the authority.
    pub certificate: PathBuf,
    /// File with the private key.
    pub key: PathBuf,
    /// Of an encrypted key (PKCS #8).
    pub password: Option<Secret>,
}

type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Identity {
    /// # Errors
    /// [`Kind::Config`] for files that cannot be read, hold no certificate or key, or an encrypted key
    /// whose password is missing or wrong.
    pub(crate) fn load(&self) -> Result<Loaded, Error> {
        let chain = CertificateDer::pem_slice_iter(&read(&self.certificate)?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| problem(&self.certificate, &format!("not valid PEM ({e})")))?;
        if chain.is_empty() {
            return Err(problem(&self.certificate, "there is no certificate"));
        }
        Ok((chain, self.load_key()?))
    }

    fn load_key(&self) -> Result<PrivateKeyDer<'static>, Error> {
        let pem = read(&self.key)?;
        let text = String::from_utf8_lossy(&pem);
        if let Some((_, rest)) = text.split_once(ENCRYPTED_BEGIN) {
            let body = rest.split_once(ENCRYPTED_END).map_or(rest, |(body, _)| body);
            return self.decrypt(&format!("{ENCRYPTED_BEGIN}{body}{ENCRYPTED_END}\n"));
        }
        if text.contains(OLD_ENCRYPTED) {
            return Err(problem(
                &self.key,
                "the key is encrypted in a form that is not read; convert it with openssl pkcs8 -topk8",
            ));
        }
        PrivateKeyDer::from_pem_slice(&pem).map_err(|e| problem(&self.key, &format!("there is no key ({e})")))
    }

    fn decrypt(&self, pem: &str) -> Result<PrivateKeyDer<'static>, Error> {
        let Some(password) = &self.password else {
            return Err(problem(&self.key, "the key is encrypted; give its password as the third value"));
        };
        let (_, document) =
            SecretDocument::from_pem(pem).map_err(|e| problem(&self.key, &format!("not valid PEM ({e})")))?;
        let key = EncryptedPrivateKeyInfo::try_from(document.as_bytes())
            .and_then(|info| info.decrypt(password.expose()))
            .map_err(|e| {
                problem(&self.key, &format!("the key cannot be decrypted with this password ({e})"))
            })?;
        Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| problem(path, &format!("cannot be read ({e})")))
}

fn problem(path: &Path, what: &str) -> Error {
    Error::new(Kind::Config, format!("cert: {what}: {}", path.display()))
}
