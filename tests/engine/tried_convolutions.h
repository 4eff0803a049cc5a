#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gpu_convolutions.h"

namespace tha4 {

/// What came of a layout.
struct LayoutTrial {
  MapConvolutionLayout layout;
  double microseconds = 0;
  double decibels = 0;       ///< of the results, against those of best_layout()
  double sums_decibels = 0;  ///< of the sums for the next norm
};

/// A convolution that networks do.
struct TriedConvolution {
  MapConvolutionShape shape;
  int count = 0;  ///< how often
  double operations = 0;
  std::vector<LayoutTrial> trials;  ///< the first one is best_layout()'s

  /// The fastest one that is right.
  const LayoutTrial& best() const;
};

/// Convolutions that are also done by other layouts, with the very numbers that networks give them.
class TriedConvolutions final : public GpuConvolutions {
 public:
  enum class Mode {
    plain,    ///< by the layouts that are asked for
    collect,  ///< the same, and remembers which convolutions there are
    trials,   ///< of all layouts of each convolution that was collected, when it is first asked for
    best      ///< by the layouts that were the fastest ones
  };

  /// \param journal  a file to which trials are written as they begin and end: those that it has are not
  ///                 made again, and layouts whose trial never ended are left out
  TriedConvolutions(c10::Device device, at::ScalarType type, std::filesystem::path journal);

  using GpuConvolutions::launch;
  void launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
              kernels::MapConvolution arguments) override;

  void set_mode(Mode mode) { mode_ = mode; }
  /// Compiles what the trials of all convolutions that were collected need, in many processes: threads of one
  /// wait for each other within NVRTC now and then.
  /// \param program  that calls compile_part()
  void compile(const std::string& program) const;

  const std::map<std::string, TriedConvolution>& convolutions() const { return convolutions_; }

 private:
  std::vector<MapConvolutionLayout> layouts_of(const MapConvolutionShape& shape) const;
  void try_all(TriedConvolution& tried, const std::string& key, const kernels::MapConvolution& arguments);
  double time(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
              const kernels::MapConvolution& arguments);
  void read_journal();
  void note(const std::string& line) const;

  std::filesystem::path journal_;
  std::map<std::string, LayoutTrial> ended_;  ///< what the journal has, by convolution and layout
  std::set<std::string> failed_;              ///< layouts of which a trial began and never ended
  std::map<std::string, TriedConvolution> convolutions_;
  Mode mode_ = Mode::plain;
};

/// Compiles one of \p parts parts of a file of layouts, for compute capability 9.0.
void compile_part(const std::filesystem::path& layouts, at::ScalarType type, int part, int parts);

/// A layout in a word.
std::string name_of(const MapConvolutionLayout& layout);

}  // namespace tha4
