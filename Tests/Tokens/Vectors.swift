/// Keys that were made for these tests and protect nothing, and a token signed with each by another implementation.
enum Vectors {
  static let secret = Array("a secret that only the tests know, 32 bytes and more".utf8)

  static let keySet = """
    {"keys": [
      {"n": "sk9WuLxzUCEM_JOGWwX493-iPfSux4jIYUy5_4zCZTvHprBvUk9S2P88Zyqfj_XitdnZrQhayYZFqseYFjwJ7iut8Y84A8Hpm9xVkV7\
    9NIPdC7XxxTKJh0CwbITammOMZBEj0TBrBaHnM0-7yRuJrR-aH3UqdBONENBBTQyVCqlyY10xrLKh51l56XPfqnf7yTuCxWtKlw0ft3XwaouEZ\
    msizJ7vD0D17DxUKRVHT3_77dwjhSiDsKhJH3ADFuyVIEXaKt7Kw8-fmtp3lklnRmH0jwu6DTBH_N81tU7g4toUTFCD9psW7Ia36ru9saSWKXI\
    gjgZnTvHO0h4807LTpQ", "e": "AQAB", "kid": "rsa", "kty": "RSA"},
      {"crv": "P-256", "x": "Jzil5uYp0E9I2GjwfUhSnRQj8Oovi4GGwHK_L8VO55w", "y": "kifZyasXBXf-_bX3ySy3vzyT3scm6JKLTcZ\
    SIilDaB8", "kid": "ec", "kty": "EC"},
      {"crv": "Ed25519", "x": "c0wyGRMAoj0zgB5nqWnrx9H5N4QyHgaEvevLCEpzAhA", "kid": "ed", "kty": "OKP"}
    ]}
    """

  static let rs256 = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhZGEiLCJleHAiOjIwMDAwMDAwMDAsImF1ZCI6ImhlZGRsZ\
    S10ZXN0cyJ9.co2Z4VzZ5K5kXiXcluQzWt_-hacU57tTDujT98wg6s9Z9-UetyjCiqPL0H-H1EPmRzFG-RkEszRGVMnkU23pta9XRpDy7pP0fS\
    2BpTYXtHuECjyHRSrY2afM3Qg4G7SX8RQM25_L737UuyV_Foigv1d1VwAlbIsjg74G64ZZ5qzR8BnVug94G-lGkyjxGNHAmS0A3hj0P0FYyFbW\
    pei7azfhumYw6r590EaYOGjC2KECNgNZtgPm5d_kHzcCqNkTPWM36Tf7e4hb2v6I58sFWKby4pKT8pZwHM7C61tGePsMIdkUyVYKpeDYeSQ9Ud\
    zyGpwcbZDMsrhuVJ7vVyE1gA
    """

  static let es256 = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJhZGEiLCJleHAiOjIwMDAwMDAwMDAsImF1ZCI6ImhlZGRsZS\
    10ZXN0cyJ9.Zqx_gyKDDktMvXAAuCAtS13c22GLt6UXgyuJYUxwJVJ6LzNs9TDrLJbK4Dc63XZIW3D-Va_xayWUI8KSxCGE2w
    """

  static let eddsa = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJhZGEiLCJleHAiOjIwMDAwMDAwMDAsImF1ZCI6ImhlZGRsZS\
    10ZXN0cyJ9.Y-605ShfrO00AdMsRMCJegpPF8xZ5x2Z9QKXN1gnJAUxG9vslvatQQrIlm4DpmwZc_aoPucPIhNYtOtfdP8TDQ
    """

  static let hs256 = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJleHAiOjIwMDAwMDAwMDAsImF1ZCI6ImhlZGRsZS10ZXN0cyJ9.pK-P\
    oKNzvXiIWwbdA14TvHukN92_JsPTruB1KDnR6bY
    """

  static let rsaD = """
    SktvLDSuggnuCfoYq9R75_lGSzT9niYKrSqgVS-meofDUwYwsXBbv2PvHGKmGVWvy2r58nQzX8SSl-s8yLGQxwFsIzo0HLIEpEHUur2EGF2DvL\
    K9X20Ei1Zo1s6ERyUzWdPKbgm-je-SZc7TGk20ZRjFyasIBVV1cYv-_sY_U4aUPax1ccCJwujm2W5vWkNZpwOURR5eL4ywBlgakuE4koDEVrQd\
    syVj0G3RqaALMloz9SJXIZkvthZWKaB0uqS8WKlCoB8fcSl43gi5Y3NpvHoU8sBAjv_saOjD9LTsc3R61xJRLpFt2o18v5TPc-loVzoabGNWFM\
    JcEzsbEwAB
    """

  static let rsaP = """
    5pXvHoSGzq4qNkdT5MzGs0kqAKqci34VX96qhWlDbP1bPioo4qi0XqvvnS8iCQ-JID4YKll8z4mBFy4TYDw_upADBaYfUfSsLi7qMwvMdO5c7b\
    Bfsp3xbHDBNuSxZPTv99ooM0JLVX3DXWcAHMFnYZ7CsMQ8Pt6vwF-4JnPtd6U
    """

  static let rsaQ = """
    xfZsZUYQqsqCeQLs5cjRMk2YJwXu0MRdp0S36M1SLyAf4QO7W264YCWIy4578q1p5iSOdVVq8QJ_FIsMwGZvvPzokwfU4EGnpia5P4beORhIqd\
    l5JeQ9s11RkyN7X40BeiM78BiWSgU072ReSagbI--P-KCcVbZtzHHIDaRRLAE
    """

  static let ecD = """
    DeTxXYYOpaFOLfvo3rfzJY_AGcYkleWG_46aqQqcFNk
    """

  static let edD = """
    5GYWTH-RDnb3cKtPUx7Cz3-YwxkSUuVgf0LgWpUEH8Q
    """
}
