// Public keys of DKIM for tests; their private halves were thrown away.
#pragma once

namespace mxswitch::fakes {

inline constexpr const char* kRsa2048 =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxYrGcVSAF55KJWEOeBjFYY4INhpL+qYJNbrrTxXvTrNx"
    "ln39fhhJbTEfLTcVmAGr6gIGI0EDCCvwjSV2M4Of4cmdpwYDgKAcXrs/MrJJVN6/5wXZ/ebqnbpFth/AVXmisJOF"
    "LT/KR3Rwhbf7ZCiw9Ll+oL5eLGGhGIZFRjFiESY3HM2r+0GRokvHyxVIaXAWViRkaDk0dX7fU1md63xsA0NbxjfX"
    "vq+j+HyheF69UwuzF0grk+RWvlY2xrgioLBk7nweCk0AeK5TPrsrqqbaDDJF0qMaCfjNdC8PWz4SlZOCAkWzed43"
    "I7/4XjSck2yqJM/UVwX9fZspvA6cJDXUcQIDAQAB";
inline constexpr const char* kRsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDtJcDZ1ghH+9fznHp/whisfoECfplZdavsEuh+fnoxVWFgm0I"
    "C16MRPnrUplnnJvW8Pnh1kFII2t13Q/y7BTXLrFu/K2tXdJV/BILSrOws7YSCKHiw3z3ZxfX4LAYPZweCnEEr5Ch"
    "Xn9vPevF3bzv6TlKY6atfrvfFx5wfs4hgwIDAQAB";
inline constexpr const char* kRsa512 =
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMo1FenyunAIeFe07hfsOK5LZLYa4CZCyBEHF/uj1zN9ymGHYHwFtq3j"
    "U5FZrn5oK7NA0dvUazZpHwbxD0/1wJECAwEAAQ==";
// RSAPublicKey of PKCS #1 alone, as RFC 6376 section 3.6.1 describes it.
inline constexpr const char* kBareRsa2048 =
    "MIIBCgKCAQEAm2KPCP6XHsrcFdpdDvJBqhYRV/cOI1T6abrPMNf1/NongipjVzRKfFPr7TnqZrPFC0ViBPj4Kqcn"
    "PEg5TleEr2qMA8OG90KtGTG8Hln8z6ElvIUsMdMqRhMssS0ufUZC96spdCS8zex+UC/2fFjfzWQJT1nNwtcVw8r3"
    "6lM8wsYuxcrZBcyE+pe3MBNjXCoDI4LA42tveJgNFb+cPQz0CecvmhBqG+AdLiouvVFhqlByxLHO2yILXxkEpyxH"
    "s+sZ8uU4xDtGqhVwyyapl8ekfa0KOXAG9I5VDGEXOcDSf5sxW+wZW1wzB75RaCiICFhyMgKfLAbSY39bGw1jXFef"
    "4QIDAQAB";
inline constexpr const char* kEd25519 = "IhGBjVveuhSPxZEpvczfj5ZeHPlrrhExTkqin8qRY54=";

}  // namespace mxswitch::fakes
