//! Answers of a kernel, as they are and as they could be.

use super::*;

/// An attribute of that kind, filled up to a multiple of 4 bytes.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn answer(kind: u16, rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(kind.to_ne_bytes());
    bytes.resize(16, 0);
    bytes.extend(rest);
    bytes
}

fn info(options: u8, most: u32, path: u32) -> Vec<u8> {
    let mut info = vec![0; 104];
    info[5] = options;
    info[16..20].copy_from_slice(&most.to_ne_bytes());
    info[60..64].copy_from_slice(&path.to_ne_bytes());
    info
}

#[test]
fn terms_are_read_and_time_stamps_are_part_of_the_header() {
    let told = |options| {
        let rest = [vec![0; 72], attribute(8, &[0]), attribute(2, &info(options, 1_448, 1_500))].concat();
        read_terms(&answer(20, &rest)).unwrap()
    };
    assert_eq!(told(7), Some(Terms { header: 32, most: 1_448, path: 1_500 }));
    assert_eq!(told(6), Some(Terms { header: 20, most: 1_448, path: 1_500 }));
}

#[test]
fn a_connection_that_is_over_has_none_and_whatever_else_is_an_error() {
    let error = |number: i32| read_terms(&answer(2, &(-number).to_ne_bytes()));
    assert_eq!(error(Errno::ENOENT as i32).unwrap(), None);
    assert_eq!(error(Errno::EACCES as i32).unwrap_err().raw_os_error(), Some(Errno::EACCES as i32));
    assert_eq!(read_terms(&answer(20, &[0; 72])).unwrap(), None);
    let short = [vec![0; 72], attribute(2, &[0; 20])].concat();
    for odd in [answer(20, &short), answer(20, &[0; 10]), answer(2, &[]), Vec::new()] {
        assert!(read_terms(&odd).is_err(), "{odd:?}");
    }
}

#[test]
fn only_what_never_went_in_pieces_is_whole() {
    let account = |segments: u64, bytes: Option<u64>| Account { segments, bytes }.is_whole(1_448);
    assert!(account(1, Some(1_448)) && account(3, Some(3 * 1_448)) && account(1, None));
    // Refused, and sent again in two pieces; in pieces from the start; of a kernel that does not say how many bytes.
    assert!(!account(3, Some(2 * 1_448)) && !account(2, Some(1_448)) && !account(2, None));
    assert!(!account(0, Some(0)) && !account(0, None));
}

#[test]
fn accounts_are_read_whatever_stands_beside() {
    let wide = |number: u64| number.to_ne_bytes();
    let bytes = [attribute(1, &wide(7)), attribute(4, &wide(3)), attribute(9, &[1, 2]), attribute(18, &wide(2_896))].concat();
    assert_eq!(read_account(&bytes), Some(Account { segments: 3, bytes: Some(2_896) }));
    assert_eq!(read_account(&attribute(4, &5_u32.to_ne_bytes())), Some(Account { segments: 5, bytes: None }));
    assert_eq!(read_account(&attribute(18, &wide(1))), None);
    assert_eq!(read_account(&[1, 0, 4, 0]), None);
}

#[test]
fn the_kernel_here_tells_of_a_connection_what_it_is_asked() {
    for address in ["127.77.1.1:0", "[::1]:0"] {
        let listener = std::net::TcpListener::bind(address).unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let told = terms(stream.local_addr().unwrap(), listener.local_addr().unwrap()).unwrap().unwrap();
        assert!(told.path >= told.most + told.header && told.most > 536, "{told:?}");
        assert_eq!(terms("127.77.1.2:1".parse().unwrap(), "127.77.1.3:1".parse().unwrap()).unwrap(), None);
    }
}
