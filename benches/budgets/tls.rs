//! A warm `start` over TLS, where the trust store costs more than all the rest.
//!
//! The listener stands on an address that is not loopback, because loopback does without the trust store. It answers
//! every request with the same run.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::measure::{compare, in_turn, once};
use crate::world::{post_start, program};

const ROUNDS: usize = 40;
const SESSION: &str = "0123456789abcdefghijkl";
const ANSWER: &str = r#"{"@type":"job","taskId":"00SBX10Z000000000001","taskType":"MTT","runId":1,"taskName":"quick"}"#;
/// Where systems keep all the certificates they trust in one file.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// A listener, and the files by which it can be trusted.
struct Listener {
    _folder: TempDir,
    url: String,
    authority: PathBuf,
}

pub(crate) fn ca_file() -> Result<()> {
    let listener = Listener::new()?;
    let mut ours = listener.start();
    ours.env("RUNAJOB_CA_FILE", &listener.authority);
    listener.compare(&ours, &listener.authority)
}

pub(crate) fn whole_store() -> Result<()> {
    let listener = Listener::new()?;
    let Some(bundle) = BUNDLES.into_iter().find(|bundle| Path::new(bundle).exists()) else {
        println!("  not measured: no trust store was found");
        return Ok(());
    };
    let whole = listener.authority.with_file_name("whole.pem");
    std::fs::write(&whole, [std::fs::read(bundle)?, std::fs::read(&listener.authority)?].concat())?;
    let mut ours = listener.start();
    ours.env("SSL_CERT_FILE", &whole);
    listener.compare(&ours, &whole)
}

impl Listener {
    fn new() -> Result<Self> {
        let address = own_address().context("this machine has no address but loopback")?;
        let folder = TempDir::new()?;
        let authority = folder.path().join("authority.pem");
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let key = KeyPair::generate()?;
        std::fs::write(&authority, params.self_signed(&key)?.pem())?;
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([address.to_string()])?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        let listener = TcpListener::bind((address, 0))?;
        let url = format!("https://{}/saas", listener.local_addr()?);
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that breaks off is the client's affair, and shows in its exit code.
                let _ = answer(stream, &config);
            }
        });
        Ok(Self { _folder: folder, url, authority })
    }

    fn start(&self) -> Command {
        let mut command = program();
        command.env("RUNAJOB_SERVER_URL", &self.url).env("RUNAJOB_SESSION_ID", SESSION);
        command.args(["start", "--name", "quick", "-t", "MTT"]);
        command
    }

    fn compare(&self, ours: &Command, trusted: &Path) -> Result<()> {
        let mut curl = post_start(&self.url, SESSION);
        curl.arg("--cacert").arg(trusted);
        compare("runajob start", "curl --cacert", &in_turn(ROUNDS, || once(ours), || once(&curl))?)
    }
}

/// Reads one request and answers it.
fn answer(stream: TcpStream, config: &Arc<ServerConfig>) -> Result<()> {
    let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(config))?, stream);
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    // The body of a start is one short object, and the last thing in the request.
    while !request.ends_with(b"}") {
        let length = tls.read(&mut piece)?;
        anyhow::ensure!(length > 0, "the request broke off");
        request.extend_from_slice(&piece[..length]);
    }
    let length = ANSWER.len();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
    write!(tls, "{head}\r\nContent-Length: {length}\r\n\r\n{ANSWER}")?;
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(())
}

/// An address of this machine that is not loopback: the one from which it would reach others. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback() && !address.is_unspecified())
}
