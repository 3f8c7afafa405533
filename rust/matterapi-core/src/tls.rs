//! TLS settings, made once per session and shared by HTTP and websocket.

use std::fs;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme, WantsVerifier,
};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::config::Verify;
use crate::error::{Error, Kind};

/// The client side of TLS for `verify`. ALPN offers `http/1.1` only: the websocket upgrade needs it.
///
/// # Errors
/// [`Kind::Config`] when the CA file cannot be read or holds no certificate, or the system has no roots.
pub(crate) fn client_config(verify: &Verify) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = builder(Arc::clone(&provider))?;
    let mut config = match verify {
        Verify::System => builder
            .with_platform_verifier()
            .map_err(|e| Error::new(Kind::Config, format!("the system's certificates cannot be read: {e}")))?
            .with_no_client_auth(),
        Verify::File(path) => builder.with_root_certificates(roots(path)?).with_no_client_auth(),
        Verify::Off => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
            .with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For sessions whose URLs are all plain: trusts nobody, and costs nothing to make.
pub(crate) fn no_roots() -> Result<ClientConfig, Error> {
    let builder = builder(Arc::new(aws_lc_rs::default_provider()))?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder(provider: Arc<CryptoProvider>) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::new(Kind::Config, format!("TLS cannot be set up: {e}")))
}

fn roots(path: &std::path::Path) -> Result<RootCertStore, Error> {
    let problem = |what: String| Error::new(Kind::Config, format!("verify: {what}: {}", path.display()));
    let pem = fs::read(path).map_err(|e| problem(format!("CA file cannot be read ({e})")))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|e| problem(format!("CA file is not valid PEM ({e})")))?;
        store.add(certificate).map_err(|e| problem(format!("CA certificate cannot be used ({e})")))?;
    }
    if store.is_empty() {
        return Err(problem("CA file holds no certificate".to_owned()));
    }
    Ok(store)
}

/// `verify=False`: any certificate will do, but handshake signatures are still checked.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
