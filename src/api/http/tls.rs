//! Whom this program trusts, and how it shows who it is: one TLS configuration for all connections. There is no switch that
//! turns verification off.

use std::cell::OnceCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use crate::api::transport::Mistrust;
use crate::support::reading;
use crate::support::secret::Secret;

/// In MiB. The trust store of a whole platform is a tenth of it.
const SIZE_LIMIT: u64 = 4;

/// The PEM files of the certificate that shows a server who we are, and of its key.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A file that a setting names and that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting} cannot be used: {}: {why}", path.display())]
pub struct UnusableFile {
    pub setting: &'static str,
    pub path: PathBuf,
    pub why: String,
}

/// Loading the platform's trust store takes most of the start-up time, so that this is done at the first use.
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    /// What `ca_file` adds to the platform's trust store.
    added: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    verifying: OnceCell<Result<ClientConfig, Mistrust>>,
}

impl Tls {
    /// Reads the files and checks what is in them.
    pub(super) fn new(ca_file: Option<&Path>, client: Option<&ClientCertificate>) -> Result<Self, UnusableFile> {
        let tls = Self {
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            added: ca_file.map(authorities).transpose()?.unwrap_or_default(),
            identity: client.map(identity).transpose()?,
            verifying: OnceCell::new(),
        };
        if let Some(client) = client {
            let trusting =
                |builder: ConfigBuilder<_, WantsVerifier>| builder.with_root_certificates(RootCertStore::empty());
            // Whether the key can be used and belongs to the certificate is known from here on.
            tls.identified(trusting(
                tls.builder().map_err(|why| unusable("client_key", &client.key, why.to_string()))?,
            ))
            .map_err(|why| unusable("client_key", &client.key, why.to_string()))?;
        }
        Ok(tls)
    }

    /// For plain HTTP, which needs none and must not pay for one.
    pub(super) fn none(&self) -> Result<ClientConfig, Mistrust> {
        let builder = self.builder().map_err(|error| Mistrust::OfServer(error.to_string()))?;
        Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
    }

    /// With the platform's trust store, and what `ca_file` adds to it.
    pub(super) fn verifying(&self) -> Result<ClientConfig, Mistrust> {
        let build = || {
            let verifier = Verifier::new_with_extra_roots(self.added.iter().cloned(), Arc::clone(&self.provider))?;
            // This is the method that takes the platform's verifier; nothing about it is less strict.
            self.identified(self.builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier)))
        };
        self.verifying.get_or_init(|| build().map_err(|error| Mistrust::OfServer(error.to_string()))).clone()
    }

    fn builder(&self) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
        ClientConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()
    }

    fn identified(&self, builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> Result<ClientConfig, rustls::Error> {
        let mut config = match &self.identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key())?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("added", &self.added.len()).finish_non_exhaustive()
    }
}

fn unusable(setting: &'static str, path: &Path, why: impl Into<String>) -> UnusableFile {
    UnusableFile { setting, path: path.to_owned(), why: why.into() }
}

/// The certificates of `ca_file`, each of which must be one that can be trusted.
fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, UnusableFile> {
    let found = certificates("ca_file", path)?;
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|why| unusable("ca_file", path, why.to_string()))?;
    }
    Ok(found)
}

fn identity(
    client: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), UnusableFile> {
    let chain = certificates("client_cert", &client.certificate)?;
    let unusable = |why: String| unusable("client_key", &client.key, why);
    let text = Secret::new(reading::file(&client.key, SIZE_LIMIT).map_err(unusable)?);
    let key = PrivateKeyDer::from_pem_slice(text.reveal().as_bytes()).map_err(|_| {
        let passphrase = text.reveal().contains("ENCRYPTED");
        let why = if passphrase { "a key with a passphrase cannot be used" } else { "there is no key in it" };
        unusable(why.to_owned())
    })?;
    Ok((chain, key))
}

/// All certificates of a PEM file, of which there must be one.
fn certificates(setting: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, UnusableFile> {
    let text = reading::file(path, SIZE_LIMIT).map_err(|why| unusable(setting, path, why))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(|why| unusable(setting, path, why.to_string()))?;
    if found.is_empty() { Err(unusable(setting, path, "there are no certificates in it")) } else { Ok(found) }
}
