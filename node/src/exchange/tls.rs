//! TLS 1.3 whose certificates are self-signed with the node's signing key. Each side proves that it
//! holds the key in its certificate; whose key that is, the identity chain in `Hello` says. There
//! is no certificate authority, no name check, no resumption: standing is looked up at every call.

use std::sync::{Arc, PoisonError, RwLock};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey, pkcs8::EncodePrivateKey as _};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::{
        ClientHello, NoServerSessionStorage, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::{CertifiedKey, SingleCertAndKey},
};

/// The fixed beginning of an Ed25519 SubjectPublicKeyInfo (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Name in every certificate; ".invalid" (RFC 2606) says that it names nothing.
const NAME: &str = "node.cairn.invalid";
/// HTTP/2, which gRPC needs.
const ALPN: &[u8] = b"h2";

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// The certificate could not be made.
    #[error("the TLS certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The key was not accepted.
    #[error("the TLS key cannot be used: {0}")]
    Key(#[from] ed25519_dalek::pkcs8::Error),
    /// The configuration was not accepted.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] TlsError),
}

/// The certificate that callers are shown. It changes with the signing key, while connections go on.
#[derive(Debug)]
pub struct Presented(RwLock<Arc<CertifiedKey>>);

impl Presented {
    /// A certificate of this key.
    ///
    /// # Errors
    /// [`TlsSetupError`].
    pub fn new(key: &SigningKey) -> Result<Arc<Self>, TlsSetupError> {
        Ok(Arc::new(Self(RwLock::new(certified(key, &provider())?))))
    }

    /// A certificate of another key, for whoever connects from now on.
    ///
    /// # Errors
    /// [`TlsSetupError`]; the one before stays then.
    pub fn renew(&self, key: &SigningKey) -> Result<(), TlsSetupError> {
        let renewed = certified(key, &provider())?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// TLS for the listening side: any well-formed Ed25519 certificate is let in as far as `Hello`.
///
/// # Errors
/// [`TlsSetupError`].
pub fn server_config(presented: Arc<Presented>) -> Result<rustls::ServerConfig, TlsSetupError> {
    let provider = provider();
    let verifier = Arc::new(SelfSigned { algorithms: provider.signature_verification_algorithms });
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(presented);
    config.alpn_protocols = vec![ALPN.to_vec()];
    // rustls does not run verifiers again on resumed sessions, so there are none.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// TLS for the connecting side.
///
/// # Errors
/// [`TlsSetupError`].
pub fn client_config(key: &SigningKey) -> Result<rustls::ClientConfig, TlsSetupError> {
    let provider = provider();
    let verifier = Arc::new(SelfSigned { algorithms: provider.signature_verification_algorithms });
    let certified = certified(key, &provider)?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The name to connect to; nobody checks it.
///
/// # Errors
/// Never for this constant; rustls wants it parsed.
pub fn server_name() -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(NAME).map_err(|_| TlsError::General("not a name".into()))
}

/// The Ed25519 key in a certificate that the handshake has proven.
///
/// # Errors
/// [`TlsError`] when it is not the kind of certificate that nodes use.
pub fn key_of(certificate: &CertificateDer<'_>) -> Result<VerifyingKey, TlsError> {
    let bad = |error| TlsError::InvalidCertificate(error);
    let (rest, parsed) =
        x509_parser::parse_x509_certificate(certificate).map_err(|_| bad(CertificateError::BadEncoding))?;
    let spki = parsed.tbs_certificate.subject_pki.raw;
    let raw = spki.strip_prefix(&SPKI_PREFIX[..]).filter(|_| rest.is_empty());
    let key = raw.and_then(|raw| cairn_proto::envelope::public_key(raw).ok());
    let key = key.ok_or_else(|| bad(CertificateError::BadEncoding))?;
    let signature = Signature::from_slice(&parsed.signature_value.data);
    let signature = signature.map_err(|_| bad(CertificateError::BadSignature))?;
    let signed = parsed.tbs_certificate.as_ref();
    key.verify_strict(signed, &signature).map_err(|_| bad(CertificateError::BadSignature))?;
    Ok(key)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certified(key: &SigningKey, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsSetupError> {
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_pkcs8_der()?.as_bytes().to_vec()));
    let secret = provider.key_provider.load_private_key(der)?;
    Ok(Arc::new(CertifiedKey::new(vec![self_signed(key)?], secret)))
}

/// Lets rcgen sign with our key, so that it needs no cryptography of its own.
struct CertificateKey<'a> {
    key: &'a SigningKey,
    public: [u8; 32],
}

impl rcgen::PublicKeyData for CertificateKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl rcgen::SigningKey for CertificateKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }
}

fn self_signed(key: &SigningKey) -> Result<CertificateDer<'static>, rcgen::Error> {
    let public = key.verifying_key().to_bytes();
    let mut params = rcgen::CertificateParams::new(vec![NAME.into()])?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    // Without a backend rcgen derives neither of these; nobody looks at them.
    params.serial_number = Some(rcgen::SerialNumber::from(1_u64));
    params.key_identifier_method =
        rcgen::KeyIdMethod::PreSpecified(public.iter().copied().take(20).collect());
    Ok(params.self_signed(&CertificateKey { key, public })?.der().clone())
}

/// Accepts one self-signed Ed25519 certificate whose key the other side proves to hold.
#[derive(Debug)]
struct SelfSigned {
    algorithms: WebPkiSupportedAlgorithms,
}

impl SelfSigned {
    fn check(leaf: &CertificateDer<'_>, chain: &[CertificateDer<'_>]) -> Result<(), TlsError> {
        if !chain.is_empty() {
            return Err(TlsError::InvalidCertificate(CertificateError::BadEncoding));
        }
        key_of(leaf).map(|_| ())
    }

    fn possession(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }
}

fn no_tls12() -> Result<HandshakeSignatureValid, TlsError> {
    Err(TlsError::General("only TLS 1.3 is spoken".into()))
}

impl ServerCertVerifier for SelfSigned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Self::check(leaf, chain).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.possession(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

impl ClientCertVerifier for SelfSigned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        Self::check(leaf, chain).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.possession(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}
