//! TLS settings, made once per session and shared by HTTP and websocket.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_native_certs::load_certs_from_paths;
use rustls_platform_verifier::Verifier;

use super::client_cert;
use crate::error::{Error, ErrorKind};
use crate::options::{Cert, Check, Roots, Verify};

/// The client side of TLS. Names no protocol of the application: whoever connects does.
///
/// # Errors
/// [`ErrorKind::Config`] when certificates or a key cannot be read or used.
pub(super) fn client_config(verify: &Verify, cert: Option<&Cert>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions: Vec<_> = [(verify.tls12, &TLS12), (verify.tls13, &TLS13)]
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, v)| v)
        .collect();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(cannot_be_set_up)?
        .dangerous()
        .with_custom_certificate_verifier(verifier(verify, &provider)?);
    match cert {
        None => Ok(builder.with_no_client_auth()),
        Some(cert) => {
            let (chain, key) = client_cert::load(cert)?;
            builder.with_client_auth_cert(chain, key).map_err(|e| {
                Error::new(ErrorKind::Config, format!("cert: certificate and key cannot be used: {e}"))
            })
        }
    }
}

/// For sessions whose URLs are all plain: trusts nobody, and costs nothing to make.
pub(super) fn no_roots() -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(cannot_be_set_up)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn cannot_be_set_up(error: rustls::Error) -> Error {
    Error::new(ErrorKind::Config, format!("TLS cannot be set up: {error}"))
}

fn verifier(verify: &Verify, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let lenient = |chain| Arc::new(Lenient { chain, provider: Arc::clone(provider) });
    if verify.check == Check::Off {
        return Ok(lenient(None));
    }
    let strict = match &verify.roots {
        Roots::System => system(provider)?,
        Roots::Bundled => bundled(provider)?,
        Roots::Path(path) => webpki(from_path(path)?, provider)?,
        Roots::Der(list) => webpki(from_der(list)?, provider)?,
    };
    Ok(match verify.check {
        Check::AnyName => lenient(Some(strict)),
        _ => strict,
    })
}

fn webpki(
    store: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|e| Error::new(ErrorKind::Config, format!("verify: {e}")))?;
    Ok(verifier)
}

/// The system's roots take milliseconds to load: once per process is enough, unless the environment
/// names others.
fn system(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    type Loaded = ([Option<OsString>; 2], Arc<dyn ServerCertVerifier>);
    static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(env::var_os);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, verifier)) = loaded.as_ref().filter(|(key, _)| *key == named) {
        return Ok(Arc::clone(verifier));
    }
    let verifier: Arc<dyn ServerCertVerifier> = match Verifier::new(Arc::clone(provider)) {
        Ok(verifier) => Arc::new(verifier),
        Err(_) if named.iter().all(Option::is_none) => bundled(provider)?,
        Err(e) => {
            let what = format!("SSL_CERT_FILE and SSL_CERT_DIR lead to no certificate that can be used: {e}");
            return Err(Error::new(ErrorKind::Config, what));
        }
    };
    Ok(Arc::clone(&loaded.insert((named, verifier)).1))
}

fn bundled(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    webpki(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(), provider)
}

fn from_path(path: &Path) -> Result<RootCertStore, Error> {
    let problem = |what: String| Error::new(ErrorKind::Config, format!("verify: {what}: {}", path.display()));
    let found = match path.is_dir() {
        true => load_certs_from_paths(None, Some(path)),
        false => load_certs_from_paths(Some(path), None),
    };
    // A folder may hold other things too; a file that was named may not.
    if let Some(e) = found.errors.first().filter(|_| !path.is_dir()) {
        return Err(problem(format!("CA file cannot be read ({e})")));
    }
    store(found.certs).ok_or_else(|| problem("there is no certificate that can be used".to_owned()))
}

fn from_der(list: &[Vec<u8>]) -> Result<RootCertStore, Error> {
    store(list.iter().cloned().map(CertificateDer::from))
        .ok_or_else(|| Error::new(ErrorKind::Config, "verify: none of the certificates can be used"))
}

/// Bundles hold old roots that cannot be used any more, so not each must be good; `None` when none is.
fn store(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Option<RootCertStore> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    (!store.is_empty()).then_some(store)
}

/// Looks at less of the certificate than usual; handshake signatures are always checked.
#[derive(Debug)]
struct Lenient {
    /// `check_hostname=False`: the name does not matter, the chain does. `None` for `verify=False`: any
    /// certificate will do.
    chain: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is looked at last, when all the rest was found to be good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_roots_are_enough_to_verify_with() {
        let verify = Verify { roots: Roots::Bundled, ..Verify::default() };
        assert!(client_config(&verify, None).is_ok());
        assert!(webpki_roots::TLS_SERVER_ROOTS.len() > 100);
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        for roots in [Roots::Der(vec![]), Roots::Der(vec![b"no certificate".to_vec()])] {
            let error = client_config(&Verify { roots, ..Verify::default() }, None).unwrap_err();
            assert!(error.to_string().starts_with("verify: "), "{error}");
        }
    }
}
