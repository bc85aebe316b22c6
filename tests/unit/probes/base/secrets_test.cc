#include "probes/base/secrets.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <regex>

namespace mxswitch {
namespace {

class SecretFile : public testing::Test {
 protected:
  SecretFile() {
    char name[] = "/tmp/mxswitch_secret_XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~SecretFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& content, mode_t mode = 0600) {
    const std::string path = folder_ + "/token";
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string folder_;
};

TEST(Secrets, Sha256OfTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Secrets, RandomTextsHaveTheirShapeAndDiffer) {
  EXPECT_EQ(random_hex(16).size(), 32u);
  EXPECT_NE(random_hex(16), random_hex(16));
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  EXPECT_TRUE(std::regex_match(random_uuid(), uuid)) << random_uuid();
  EXPECT_TRUE(std::regex_match(random_password(), std::regex("[a-km-np-z2-9]{16}")));
  EXPECT_NE(random_password(), random_password());
}

TEST(Secrets, EqualInConstantTime) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("same", "same"));
  EXPECT_FALSE(equal_in_constant_time("same", "sane"));
  EXPECT_FALSE(equal_in_constant_time("same", "sam"));
  EXPECT_FALSE(equal_in_constant_time("same", ""));
}

TEST_F(SecretFile, GivesItsFirstLine) {
  EXPECT_EQ(read_secret_file(write("token one\nnote\n")).value(), "token one");
  EXPECT_EQ(read_secret_file(write("token\r\n")).value(), "token");
  EXPECT_EQ(read_secret_file(write("no newline", 0400)).value(), "no newline");
}

TEST_F(SecretFile, RefusesAWiderMode) {
  for (const mode_t mode : {0640u, 0604u, 0620u, 0666u}) {
    const auto result = read_secret_file(write("hush\n", mode));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::usage);
    EXPECT_NE(result.error().text().find("chmod 600 " + folder_), std::string::npos);
    EXPECT_EQ(result.error().text().find("hush"), std::string::npos);
  }
  EXPECT_NE(read_secret_file(write("x", 0644)).error().what.find("0644"), std::string::npos);
}

TEST_F(SecretFile, RefusesWhatHoldsNoSecret) {
  EXPECT_EQ(read_secret_file(folder_ + "/none").error().fault, Fault::not_found);
  EXPECT_NE(read_secret_file(folder_).error().what.find("not a regular file"), std::string::npos);
  EXPECT_NE(read_secret_file(write("\nlate\n")).error().what.find("empty"), std::string::npos);
  EXPECT_NE(read_secret_file(write("")).error().what.find("empty"), std::string::npos);
  EXPECT_NE(read_secret_file(write(std::string(5000, 'a'))).error().what.find("longer"),
            std::string::npos);
}

}  // namespace
}  // namespace mxswitch
