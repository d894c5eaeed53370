#include "linear_algebra.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {
namespace {

using Matrix = Eigen::MatrixXd;

Eigen::Index index_of(std::size_t size) { return static_cast<Eigen::Index>(size); }

Eigen::Map<const Matrix> view(const Table& table) {
    return {table.values.data(), index_of(table.rows), index_of(table.columns)};
}

Matrix standardised(const PrincipalComponents& fitted, const Table& table) {
    Matrix out = view(table);
    for (std::size_t i = 0; i < table.columns; ++i)
        out.col(index_of(i)) = (out.col(index_of(i)).array() - fitted.means[i]) / fitted.scales[i];
    return out;
}

}  // namespace

PrincipalComponents principal_components(const Table& table, double explained, std::size_t components_max) {
    PrincipalComponents fitted;
    if (table.rows == 0 || table.columns == 0) return fitted;
    const auto rows = static_cast<double>(table.rows);
    for (std::size_t i = 0; i < table.columns; ++i) {
        const auto column = view(table).col(index_of(i));
        const double mean = column.mean();
        const double scale = std::sqrt((column.array() - mean).square().sum() / rows);
        fitted.means.push_back(mean);
        fitted.scales.push_back(scale > 0.0 ? scale : 1.0);
    }
    const Matrix x = standardised(fitted, table);
    const Matrix covariance = x.transpose() * x / rows;
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);
    const Eigen::VectorXd& values = solver.eigenvalues();  // Ascending.
    const double total = values.sum();
    double cumulated = 0.0;
    while (fitted.components < std::min(table.columns, components_max)) {
        const Eigen::Index at = values.size() - 1 - index_of(fitted.components);
        Eigen::VectorXd direction = solver.eigenvectors().col(at);
        Eigen::Index largest = 0;
        direction.cwiseAbs().maxCoeff(&largest);
        if (direction[largest] < 0.0) direction = -direction;
        fitted.basis.insert(fitted.basis.end(), direction.begin(), direction.end());
        ++fitted.components;
        cumulated += values[at];
        if (cumulated > explained * total) break;
    }
    return fitted;
}

std::vector<double> reconstruction_errors(const PrincipalComponents& fitted, const Table& table) {
    std::vector<double> errors(table.rows, 0.0);
    if (table.rows == 0 || table.columns == 0) return errors;
    const Eigen::Map<const Matrix> basis(fitted.basis.data(), index_of(table.columns),
                                         index_of(fitted.components));
    const Matrix x = standardised(fitted, table);
    const Matrix rest = x - (x * basis) * basis.transpose();
    for (std::size_t row = 0; row < table.rows; ++row) errors[row] = rest.row(index_of(row)).norm();
    return errors;
}

std::vector<double> cross_products(const Table& a, const Table& b) {
    std::vector<double> out(a.columns * b.columns, 0.0);
    // Eigen lays out by column: the transpose of what is wanted, element by element.
    Eigen::Map<Matrix>(out.data(), index_of(b.columns), index_of(a.columns)).noalias() =
        view(b).transpose() * view(a);
    return out;
}

}  // namespace tristrata::detection
